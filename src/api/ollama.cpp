// Ollama's own endpoints. Models are configured here and not downloaded, so what would change a server's models is refused.
#include <set>

#include "api/endpoints.h"
#include "api/models.h"
#include "base/clock.h"
#include "base/log.h"
#include "gateway/route.h"
#include "llm/abilities.h"
#include "llm/dialects.h"
#include "llm/ollama/listing.h"

namespace pb::api {
namespace {

namespace listing = llm::ollama;

// A request without a message only wants its model loaded: an Ollama server is asked to, others need no loading.
Task<void> to_model(Call& c, const llm::Dialect& dialect) {
  if (const auto loaded = listing::load_answer(dialect.name, c.request.body, unix_ns())) {
    auto route = gateway::choose(c.deps.gateway.snapshot(), listing::asked_model(c.request.body), dialect);
    if (!route) co_return co_await send_error(c, dialect.name, route.error());
    if (!route->same_format) co_return co_await send_json(c, 200, *loaded);
  }
  co_await c.deps.gateway.chat(dialect, c.request, c.out, c.caller);
}

listing::ModelCard card(const ListedModel& m, std::string_view model) {
  const llm::Abilities abilities = llm::abilities_of(model);
  return {m.id, m.context, abilities.vision, abilities.thinking};
}

// A server whose own format this is, and not one that imitates it.
bool is_ollama(const gateway::Upstream& u) {
  return u.provider->vendor->formats.front().dialect == llm::kOllama.name &&
         u.provider->formats.front().dialect == &llm::kOllama;
}

// The models that an Ollama server lists, by the names that lead to them here ("box/llama3:latest").
void add_entries(json::Writer& w, const std::string& provider, const std::string& page,
                 const std::set<std::string, std::less<>>& listed, const gateway::Caller& caller) {
  json::Arena arena;
  const auto root = json::parse(page, arena);
  if (!root) return;
  for (const json::Value& m : (*root)["models"].items()) {
    const std::string id = provider + "/" + std::string(m["name"].as_string(m["model"].as_string()));
    if (listed.contains(id) || !gateway::may_see(caller, id, provider)) continue;
    w.begin_object();
    w.field("name", id);
    w.field("model", id);
    for (const json::Member& member : m.members())
      if (member.key != "name" && member.key != "model") w.field(member.key, member.value);
    w.end_object();
  }
}

Error no_downloads(std::string_view what) {
  Error e;
  e.code = Code::invalid_request;
  e.status = 501;
  e.message = "this is Patchbay, a gateway: it keeps no models of its own, so it cannot " +
              std::string(what) +
              "; models come from the providers in its configuration, and GET /api/tags lists them";
  return e;
}

Task<void> refuse(Call& c, std::string_view what) {
  const Error e = no_downloads(what);
  co_await send_error(c, "ollama", e);
}

}  // namespace

Task<void> ollama_chat(Call& c) { return to_model(c, llm::kOllama); }
Task<void> ollama_generate(Call& c) { return to_model(c, llm::kOllamaGenerate); }

Task<void> ollama_tags(Call& c) {
  gateway::Gateway& gateway = c.deps.gateway;
  const std::vector<ListedModel> models = list_models(gateway.snapshot(), nullptr, &c.caller);
  std::vector<listing::ModelCard> cards;
  std::set<std::string, std::less<>> listed;
  for (const ListedModel& m : models) {
    cards.push_back(card(m, m.id));
    listed.insert(m.id);
  }
  std::vector<std::string> servers;  // by name: the configuration may change while one is asked
  for (const gateway::Upstream& u : gateway.snapshot().upstreams())
    if (is_ollama(u)) servers.push_back(u.provider->name);
  std::string more;
  json::Writer w(more);
  w.begin_array();
  for (const std::string& name : servers) {
    const gateway::Upstream* u = gateway.snapshot().find_upstream(name);
    if (u == nullptr) continue;
    auto page = co_await gateway.page(*u, llm::kOllama, "/api/tags", {});
    if (page)
      add_entries(w, name, *page, listed, c.caller);
    else
      log::info(log::Module::gateway, "a provider does not list its models",
                {{"provider", name}, {"what", page.error().message}});
  }
  w.end_array();
  std::string body = listing::tags_body(cards);
  if (more.size() > 2) {  // goes before the bracket that ends the list
    const std::string entries = (cards.empty() ? "" : ",") + more.substr(1, more.size() - 2);
    body.insert(body.rfind(']'), entries);
  }
  co_await send_json(c, 200, std::move(body));
}

Task<void> ollama_show(Call& c) {
  gateway::Gateway& gateway = c.deps.gateway;
  const std::string name = listing::asked_model(c.request.body);
  if (name.empty()) {
    const Error e = fail(Code::invalid_request, "model is required", "model").error();
    co_return co_await send_error(c, "ollama", e);
  }
  auto route = gateway::choose(gateway.snapshot(), name, llm::kOllama);
  if (!route) co_return co_await send_error(c, "ollama", route.error());
  if (!find_listed(gateway.snapshot(), gateway.model_lists(), name, &c.caller)) {
    const Error e = fail(Code::not_found, "model '" + name + "' not found", "model").error();
    co_return co_await send_error(c, "ollama", e);
  }
  const std::string model = route->model;
  if (route->same_format) {
    std::string ask;
    json::Writer w(ask);
    w.begin_object();
    w.field("model", model);
    w.end_object();
    auto page = co_await gateway.page(*route->upstream, llm::kOllama, "/api/show", ask);
    if (page) co_return co_await send_json(c, 200, std::move(*page));
    if (page.error().code == Code::not_found || page.error().code == Code::invalid_request)
      co_return co_await send_error(c, "ollama", page.error());
  }
  auto found = find_listed(gateway.snapshot(), gateway.model_lists(), name);
  const ListedModel listed = found ? std::move(*found) : ListedModel{name, {}, 0, 0};
  co_await send_json(c, 200, listing::show_body(card(listed, model)));
}

Task<void> ollama_version(Call& c) { return send_json(c, 200, listing::version_body()); }
Task<void> ollama_ps(Call& c) { return send_json(c, 200, listing::ps_body()); }

Task<void> ollama_pull(Call& c) { return refuse(c, "pull a model"); }
Task<void> ollama_push(Call& c) { return refuse(c, "push a model"); }
Task<void> ollama_create(Call& c) { return refuse(c, "create a model"); }
Task<void> ollama_copy(Call& c) { return refuse(c, "copy a model"); }
Task<void> ollama_delete(Call& c) { return refuse(c, "delete a model"); }

}  // namespace pb::api
