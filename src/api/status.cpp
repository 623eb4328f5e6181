// What this server says about itself.
#include "api/endpoints.h"
#include "base/json.h"
#include "store/ledger_metrics.h"

namespace pb::api {

Task<void> health(Call& c) {
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.field("status", "ok");
  w.field("version", PATCHBAY_VERSION);
  if (c.deps.config_state) {
    const ConfigState state = c.deps.config_state();
    w.key("config");
    w.begin_object();
    w.field("generation", state.generation);
    w.field("loaded_at", state.loaded_at);
    if (!state.refused.empty()) w.field("refused", state.refused);
    w.end_object();
  }
  if (c.deps.ledger != nullptr) {
    const store::LedgerStats stats = c.deps.ledger->stats();
    w.key("ledger");
    w.begin_object();
    w.field("database", stats.database_ok ? "ok" : "failing");
    w.field("journal", stats.journal_ok ? "ok" : "failing");
    w.field("waiting", static_cast<std::int64_t>(stats.waiting));
    w.field("in_memory", static_cast<std::int64_t>(stats.in_memory));
    w.field("dropped", static_cast<std::int64_t>(stats.dropped));
    w.end_object();
  }
  if (const auto* line = c.deps.gateway.shared(); line != nullptr) {
    const gateway::shared::State state = line->state();
    w.key("shared");
    w.begin_object();
    w.field("state", state.up ? "ok" : "degraded");
    w.field("since", state.since);
    w.field("replicas", state.replicas);
    w.field("redis", state.store);
    if (!state.up && !state.what.empty()) w.field("why", state.what);
    w.end_object();
  }
  w.end_object();
  return send_json(c, 200, std::move(body));
}

Task<void> ready(Call& c) {
  bool ok = c.deps.ready();
  return send_json(c, ok ? 200 : 503, ok ? R"({"status":"ready"})" : R"({"status":"draining"})");
}

Task<void> hello(Call& c) { return send_json(c, 200, R"({"message":"hello"})"); }

Task<void> prometheus(Call& c) {
  if (c.caller.key != nullptr) {  // it shows what others do
    const Error e = fail(Code::permission_denied, "metrics need one of server.keys").error();
    co_return co_await send_error(c, "openai_chat", e);
  }
  if (c.deps.refresh_gauges) c.deps.refresh_gauges();
  net::Headers headers;
  headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  std::string text = c.deps.metrics.text();
  if (c.deps.keys != nullptr) text += c.deps.keys->alerts.metrics_text();
  if (c.deps.ledger != nullptr) text += store::metrics_text(c.deps.ledger->stats());
  co_await c.out.send(200, headers, text);
}

namespace {

// Ollama's clients look for its greeting at "/": its own libraries name themselves, people type it into a terminal as they
// read it in its documentation, asking for text.
bool expects_greeting(const net::Headers& headers) {
  return headers.get("user-agent").starts_with("ollama") || headers.get("accept").starts_with("text/plain");
}

}  // namespace

Task<void> index(Call& c) {
  if (expects_greeting(c.request.headers)) {
    net::Headers headers;
    headers.add("Content-Type", "text/plain; charset=utf-8");
    co_return co_await c.out.send(200, headers, "Ollama is running");
  }
  std::string body;
  json::Writer w(body);
  w.begin_object();
  w.field("name", "Patchbay");
  w.field("version", PATCHBAY_VERSION);
  if (c.deps.gateway.snapshot().config().simulator)
    w.field("note",
            "No provider is configured: the built-in simulator answers. Set OPENAI_API_KEY, "
            "ANTHROPIC_API_KEY or another "
            "provider's key, or write a patchbay.yaml, and start again.");
  w.strings("endpoints", endpoint_list());
  w.end_object();
  co_await send_json(c, 200, std::move(body));
}

}  // namespace pb::api
