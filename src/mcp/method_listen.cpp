// subscriptions/listen (MCP 2026-07-28 "Subscriptions"): changes, for as long as the client wants to hear of them.
#include <atomic>
#include <set>

#include "base/limits_mcp.h"
#include "mcp/call.h"
#include "mcp/methods.h"
#include "mcp/results.h"
#include "mcp/tasks.h"

namespace pb::mcp {
namespace {

using Text = Outcome<std::string>;

struct Filter {
  bool tools = false, prompts = false, resources = false;
  std::set<std::string, std::less<>> uris, tasks;
};

Outcome<bool> flag(json::Value filter, std::string_view key) {
  const json::Value* value = filter.find(key);
  if (value == nullptr || value->is_null()) return false;
  if (!value->is_bool())
    return fault(kInvalidParams,
                 "Invalid params: params.notifications." + std::string(key) + " must be a boolean");
  return value->as_bool();
}

Outcome<std::set<std::string, std::less<>>> texts(json::Value filter, std::string_view key) {
  std::set<std::string, std::less<>> out;
  const json::Value* value = filter.find(key);
  if (value == nullptr || value->is_null()) return out;
  const std::string path = "params.notifications." + std::string(key);
  if (!value->is_array()) return fault(kInvalidParams, "Invalid params: " + path + " must be an array");
  if (value->size() > limits::kMcpSubscriptionsMax)
    return fault(kInvalidParams, "Invalid params: " + path + " has more than " +
                                     std::to_string(limits::kMcpSubscriptionsMax) + " entries");
  for (const json::Value& item : value->items()) {
    if (!item.is_string()) return fault(kInvalidParams, "Invalid params: " + path + " must hold strings");
    out.emplace(item.as_string());
  }
  return out;
}

// What the client wants and the server has.
Outcome<Filter> read_filter(Call& c) {
  const json::Value wanted = c.params()["notifications"];
  if (!wanted.is_object())
    return fault(kInvalidParams, "Invalid params: params.notifications must be an object");
  const Offer& offer = c.offer();
  const bool any_resources = !offer.resources.empty() || !offer.templates.empty();
  Filter f;
  TRY_ASSIGN(f.tools, flag(wanted, "toolsListChanged"));
  TRY_ASSIGN(f.prompts, flag(wanted, "promptsListChanged"));
  TRY_ASSIGN(f.resources, flag(wanted, "resourcesListChanged"));
  TRY_ASSIGN(f.uris, texts(wanted, "resourceSubscriptions"));
  TRY_ASSIGN(const auto tasks, texts(wanted, "taskIds"));
  f.tools = f.tools && !offer.tools.empty();
  f.prompts = f.prompts && !offer.prompts.empty();
  f.resources = f.resources && any_resources;
  std::erase_if(f.uris, [&](const std::string& uri) { return !offer.has_resource(uri); });
  if (wanted.has("taskIds") && !c.client_can().tasks)
    return fault(kMissingCapability, "Missing required client capability",
                 R"({"requiredCapabilities":{"extensions":{")" + std::string(kTasksExtension) + R"(":{}}}})");
  for (const std::string& id : tasks)
    if (c.hub().tasks().known(id, c.principal())) f.tasks.insert(id);
  return f;
}

std::string meta(const Id& id) { return R"("_meta":{")" + std::string(kMetaSubscription) + "\":" + id + "}"; }

std::string acknowledgement(const Id& id, const Filter& f, bool asked_for_uris) {
  std::string params = "{" + meta(id) + R"(,"notifications":)";
  json::Writer w(params);
  w.begin_object();
  if (f.tools) w.field("toolsListChanged", true);
  if (f.prompts) w.field("promptsListChanged", true);
  if (f.resources) w.field("resourcesListChanged", true);
  if (asked_for_uris) w.strings("resourceSubscriptions", f.uris);
  if (!f.tasks.empty()) w.strings("taskIds", f.tasks);
  w.end_object();
  params += '}';
  return write_notification("notifications/subscriptions/acknowledged", params);
}

class Subscription final : public Listener, public TaskListener {
 public:
  Subscription(Call& call, Filter filter, net::Wake::Bell bell)
      : call_(call), filter_(std::move(filter)), bell_(std::move(bell)) {}
  ~Subscription() {
    if (listening_) call_.hub().remove(*this);
    if (listening_)
      for (const std::string& uri : filter_.uris) call_.hub().unwatch(uri);
    if (!filter_.tasks.empty()) call_.hub().tasks().remove(*this);
  }
  bool begin() {
    listening_ = call_.hub().add(*this);
    if (listening_)
      for (const std::string& uri : filter_.uris) call_.hub().watch(uri);
    if (listening_ && !filter_.tasks.empty()) call_.hub().tasks().add(*this);
    return listening_;
  }
  bool over() const { return over_.load(); }

  void changed(const Change& change) override {
    if (change.whose && *change.whose != call_.principal().name) return;
    std::string params = "{" + meta(call_.message().id);
    switch (change.what) {
      case Change::What::tools:
        if (!filter_.tools) return;
        break;
      case Change::What::prompts:
        if (!filter_.prompts) return;
        break;
      case Change::What::resources:
        if (!filter_.resources) return;
        break;
      case Change::What::resource:
        if (!filter_.uris.contains(change.uri)) return;
        params += R"(,"uri":")";
        json::append_escaped(params, change.uri);
        params += '"';
        break;
    }
    params += '}';
    call_.stream().tell(write_notification(notification_of(change.what), params), true);
  }
  void task_changed(const std::string& id, const std::string& state) override {
    if (!filter_.tasks.contains(id)) return;
    call_.stream().tell(
        write_notification("notifications/tasks", "{" + state + "," + meta(call_.message().id) + "}"));
  }
  void closing() override {
    over_ = true;
    bell_.ring();
  }

 private:
  Call& call_;
  const Filter filter_;
  net::Wake::Bell bell_;
  std::atomic<bool> over_ = false;
  bool listening_ = false;
};

}  // namespace

Task<Text> serve_listen(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(Filter filter, read_filter(*c));
  const bool asked_for_uris = c->params()["notifications"]["resourceSubscriptions"].is_array();
  net::Wake wake(c->setup().executor);
  c->stream().push(acknowledgement(c->message().id, filter, asked_for_uris));
  Subscription subscription(*c, std::move(filter), wake.bell());
  if (!subscription.begin()) co_return fault(kServerError, "too many clients are listening");
  while (!subscription.over() && !c->hub().closing()) co_await wake.wait();
  co_return R"({"resultType":"complete",)" + meta(c->message().id) + "}";
}

}  // namespace pb::mcp
