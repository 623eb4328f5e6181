// The methods of the protocol and the table of their names.
#include <algorithm>

#include "base/limits_mcp.h"
#include "base/utf8.h"
#include "mcp/call.h"
#include "mcp/methods.h"
#include "mcp/results.h"

namespace pb::mcp {
namespace {

using Text = Outcome<std::string>;

std::unexpected<Fault> invalid(std::string what) {
  return fault(kInvalidParams, "Invalid params: " + std::move(what));
}

Outcome<std::string_view> text_param(Call& c, std::string_view key) {
  const json::Value value = c.params()[key];
  if (!value.is_string()) return invalid("params." + std::string(key) + " must be a string");
  return value.as_string();
}

Task<Text> initialize(std::shared_ptr<Call> c) {
  auto revision = c->session()->with_rules([&](SessionRules& r) { return r.initialize(c->params()); });
  if (!revision) co_return std::unexpected(std::move(revision.error()));
  c->session()->listen();
  const Offer& offer = c->offer();
  ResultText result(offer, *revision);
  result.w().field("protocolVersion", to_string(*revision));
  result.w().key("capabilities");
  write_server_capabilities(result.w(), offer, *revision);
  result.w().key("serverInfo");
  write_server_info(result.w(), offer, *revision);
  if (!offer.instructions.empty()) result.w().field("instructions", offer.instructions);
  co_return result.done();
}

Task<Text> ping(std::shared_ptr<Call> c) { co_return ResultText(c->offer(), c->revision()).done(); }

Task<Text> discover(std::shared_ptr<Call> c) {
  const Offer& offer = c->offer();
  ResultText result(offer, c->revision());
  json::Writer& w = result.w();
  w.strings("supportedVersions", all_revisions());
  w.key("capabilities");
  write_server_capabilities(w, offer, c->revision());
  if (!offer.instructions.empty()) w.field("instructions", offer.instructions);
  result.cache(offer.cache);
  co_return result.done();
}

Task<Text> set_level(std::shared_ptr<Call> c) {
  auto text = text_param(*c, "level");
  if (!text) co_return std::unexpected(std::move(text.error()));
  const auto level = parse_log_level(*text);
  if (!level)
    co_return invalid("level is not one of debug, info, notice, warning, error, critical, alert, emergency");
  c->session()->with_rules([&](SessionRules& r) { r.set_log_level(*level); });
  co_return ResultText(c->offer(), c->revision()).done();
}

// One page of a list; `pick` tells which of the entries belong to it.
template <class T>
Text page(Call& c, std::string_view key, const std::vector<T>& all,
          void (*write)(json::Writer&, const T&, Revision), const std::function<bool(const T&)>& pick = {}) {
  auto begin = read_cursor(c.params(), all.size());
  if (!begin) return std::unexpected(std::move(begin.error()));
  ResultText result(c.offer(), c.revision());
  result.w().key(key);
  result.w().begin_array();
  std::size_t at = *begin;
  for (std::size_t n = 0; at < all.size() && n < limits::kMcpPage; ++at) {
    if (pick && !pick(all[at])) continue;
    write(result.w(), all[at], c.revision());
    ++n;
  }
  result.w().end_array();
  if (at < all.size()) result.w().field("nextCursor", cursor_at(at));
  result.cache(c.offer().cache);
  return result.done();
}

Task<Text> list_tools(std::shared_ptr<Call> c) {
  std::function<bool(const Tool&)> pick;
  if (c->offer().may_use) pick = [&](const Tool& t) { return c->offer().may_use(c->principal(), t); };
  co_return page(*c, "tools", c->offer().tools, write_tool, pick);
}
Task<Text> list_prompts(std::shared_ptr<Call> c) {
  co_return page(*c, "prompts", c->offer().prompts, write_prompt);
}
// First those that are always there, then those that are not.
Task<Text> list_resources(std::shared_ptr<Call> c) {
  const Offer& offer = c->offer();
  const auto more = read_cursor_to(c->params());
  if (!offer.more_resources || (!more && offer.resources.size() > limits::kMcpPage))
    co_return page(*c, "resources", offer.resources, write_resource);
  std::size_t room = limits::kMcpPage;
  ResultText result(offer, c->revision());
  result.w().key("resources");
  result.w().begin_array();
  if (!more) {
    CO_TRY(read_cursor(c->params(), 0));  // no place in the list was ever told
    for (const Resource& r : offer.resources) write_resource(result.w(), r, c->revision());
    room -= std::min(room - 1, offer.resources.size());
  }
  CO_TRY_ASSIGN(const ResourcePage found, co_await offer.more_resources(*c, more.value_or(""), room));
  for (const Resource& r : found.resources) write_resource(result.w(), r, c->revision());
  result.w().end_array();
  if (!found.next.empty()) result.w().field("nextCursor", cursor_to(found.next));
  result.cache(offer.cache);
  co_return result.done();
}
Task<Text> list_templates(std::shared_ptr<Call> c) {
  co_return page(*c, "resourceTemplates", c->offer().templates, write_template);
}

Outcome<json::Value> arguments_of(Call& c) {
  const json::Value* arguments = c.params().find("arguments");
  static constexpr json::Value kNone;
  if (arguments == nullptr) return kNone;
  if (!arguments->is_object()) return invalid("params.arguments must be an object");
  return *arguments;
}

Task<Text> get_prompt(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view name, text_param(*c, "name"));
  const Prompt* prompt = c->offer().find_prompt(name);
  if (prompt == nullptr)
    co_return invalid("there is no prompt `" + std::string(utf8::beginning(name, 100)) + "`");
  CO_TRY_ASSIGN(const json::Value arguments, arguments_of(*c));
  for (const PromptArgument& a : prompt->arguments)
    if (a.required && !arguments[a.name].is_string())
      co_return invalid("params.arguments." + a.name + " is missing");
  for (const json::Member& m : arguments.members())
    if (!m.value.is_string())
      co_return invalid("params.arguments." + std::string(m.key) + " must be a string");
  CO_TRY_ASSIGN(const PromptResult got, co_await prompt->get(*c, arguments));
  ResultText result(c->offer(), c->revision());
  if (!got.description.empty()) result.w().field("description", got.description);
  result.w().key("messages");
  result.w().raw(got.messages);
  co_return result.done();
}

Task<Text> read_resource(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view uri, text_param(*c, "uri"));
  const ReadResource* read = nullptr;
  bool lively = false;
  for (const Resource& r : c->offer().resources)
    if (r.uri == uri) read = &r.read, lively = r.lively;
  for (const ResourceTemplate& t : c->offer().templates)
    if (read == nullptr && matches_template(t.uri_template, uri)) read = &t.read, lively = t.lively;
  Text contents = read == nullptr ? Text(resource_not_found(uri)) : co_await (*read)(*c, uri);
  if (!contents) {
    Fault f = std::move(contents.error());
    if (f.code == kResourceNotFound && stateless(c->revision())) f.code = kInvalidParams;
    co_return std::unexpected(std::move(f));
  }
  ResultText result(c->offer(), c->revision());
  result.w().key("contents");
  result.w().raw(*contents);
  result.cache({lively ? 0 : c->offer().cache.ttl_ms, false});
  co_return result.done();
}

Task<Text> subscribe(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view uri, text_param(*c, "uri"));
  if (!c->offer().has_resource(uri)) co_return resource_not_found(uri);
  CO_TRY(c->session()->watch(uri));
  co_return ResultText(c->offer(), c->revision()).done();
}

Task<Text> unsubscribe(std::shared_ptr<Call> c) {
  CO_TRY_ASSIGN(const std::string_view uri, text_param(*c, "uri"));
  c->session()->unwatch(uri);
  co_return ResultText(c->offer(), c->revision()).done();
}

Task<Text> complete(std::shared_ptr<Call> c) {
  const json::Value ref = c->params()["ref"], argument = c->params()["argument"];
  if (!argument["name"].is_string() || !argument["value"].is_string())
    co_return invalid("params.argument must have a name and a value");
  CompletionQuery query{{},
                        {},
                        argument["name"].as_string(),
                        argument["value"].as_string(),
                        c->params()["context"]["arguments"]};
  const std::string_view type = ref["type"].as_string();
  if (type == "ref/prompt") {
    query.prompt = ref["name"].as_string();
    if (c->offer().find_prompt(query.prompt) == nullptr)
      co_return invalid("params.ref: there is no prompt `" + std::string(utf8::beginning(query.prompt, 100)) +
                        "`");
  } else if (type == "ref/resource") {
    query.resource_template = ref["uri"].as_string();
    if (query.resource_template.empty()) co_return invalid("params.ref.uri must be a string");
  } else {
    co_return invalid("params.ref.type must be ref/prompt or ref/resource");
  }
  CO_TRY_ASSIGN(const Completed found, co_await c->offer().complete(*c, query));
  const std::vector<std::string>& values = found.values;
  const std::size_t total = std::max(found.total, values.size());
  ResultText result(c->offer(), c->revision());
  json::Writer& w = result.w();
  w.key("completion");
  w.begin_object();
  w.key("values");
  w.begin_array();
  const std::size_t shown = std::min(values.size(), limits::kMcpCompletionsMax);
  for (std::size_t i = 0; i < shown; ++i) w.string(values[i]);
  w.end_array();
  w.field("total", static_cast<std::int64_t>(total));
  w.field("hasMore", shown < total);
  w.end_object();
  co_return result.done();
}

enum Era : unsigned char { kSessions = 1, kStateless = 2, kBoth = 3 };
struct Method {
  std::string_view name;
  Era era;
  Task<Text> (*serve)(std::shared_ptr<Call>);
  bool (*offered)(const Offer&) = nullptr;  // null: always
  bool asks = false;                        // may answer with questions (2026-07-28)
};

bool any_prompts(const Offer& o) { return !o.prompts.empty(); }
bool any_resources(const Offer& o) { return !o.resources.empty() || !o.templates.empty(); }
bool any_tools(const Offer& o) { return !o.tools.empty(); }
bool any_completions(const Offer& o) { return static_cast<bool>(o.complete); }
bool any_tasks(const Offer& o) {
  for (const Tool& t : o.tools)
    if (t.task_use != TaskUse::never) return true;
  return false;
}

constexpr Method kMethods[] = {
    {"initialize", kSessions, initialize},
    {"ping", kSessions, ping},
    {"logging/setLevel", kSessions, set_level},
    {"resources/subscribe", kSessions, subscribe, any_resources},
    {"resources/unsubscribe", kSessions, unsubscribe, any_resources},
    {"server/discover", kStateless, discover},
    {"subscriptions/listen", kStateless, serve_listen},
    {"tools/list", kBoth, list_tools, any_tools},
    {"tools/call", kBoth, serve_tool_call, any_tools, true},
    {"prompts/list", kBoth, list_prompts, any_prompts},
    {"prompts/get", kBoth, get_prompt, any_prompts, true},
    {"resources/list", kBoth, list_resources, any_resources},
    {"resources/templates/list", kBoth, list_templates, any_resources},
    {"resources/read", kBoth, read_resource, any_resources, true},
    {"completion/complete", kBoth, complete, any_completions},
    {"tasks/get", kStateless, serve_task_get, any_tasks},
    {"tasks/update", kStateless, serve_task_update, any_tasks},
    {"tasks/cancel", kStateless, serve_task_cancel, any_tasks},
};

const Method* find(std::string_view name, Revision revision) {
  const unsigned era = stateless(revision) ? kStateless : kSessions;
  for (const Method& m : kMethods)
    if (m.name == name && (m.era & era) != 0) return &m;
  return nullptr;
}

}  // namespace

bool knows_method(std::string_view method, Revision revision) { return find(method, revision) != nullptr; }

Task<Text> serve_method(std::shared_ptr<Call> call) {
  const Method* method = find(call->message().method, call->revision());
  if (method == nullptr || (method->offered != nullptr && !method->offered(call->offer())))
    co_return fault(kMethodNotFound,
                    "Method not found: " + std::string(utf8::beginning(call->message().method, 100)));
  Text result = co_await method->serve(call);
  if (!result && result.error().input_required && method->asks) co_return call->open_questions();
  co_return result;
}

}  // namespace pb::mcp
