#include "api/admin/endpoint.h"

namespace pb::api::admin {
namespace {

void write_ledger(json::Writer& w, store::Ledger* ledger) {
  w.key("ledger");
  if (ledger == nullptr) return w.null();
  const store::LedgerStats s = ledger->stats();
  w.begin_object();
  w.field("waiting", static_cast<std::int64_t>(s.waiting));
  w.field("written", static_cast<std::int64_t>(s.written));
  w.field("dropped", static_cast<std::int64_t>(s.dropped));
  w.field("database_ok", s.database_ok);
  w.end_object();
}

}  // namespace

Task<Result<Answer>> show_status(Call& c) {
  const route::Moment now = gateway::present();
  const gateway::Snapshot& snapshot = c.deps.gateway.snapshot();
  const gateway::Overview o = gateway::overview(gateway::deployments(snapshot, now));
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("version", PATCHBAY_VERSION);
  time_field(w, "started", c.deps.admin->started_ms);
  number_field(w, "uptime_s", static_cast<double>(now.unix_ms - c.deps.admin->started_ms) / 1000);
  w.field("ready", c.deps.ready());
  w.field("simulator", snapshot.config().simulator);
  w.key("config");
  w.begin_object();
  write_config_state(w, c.deps.config_state());
  w.end_object();
  write_ledger(w, c.deps.ledger);
  w.field("deployments", o.deployments);
  w.field("deployments_ready", o.ready);
  const bool keys = c.deps.keys != nullptr;
  w.field("keys", keys ? static_cast<std::int64_t>(c.deps.keys->table()->entries().size()) : 0);
  w.field("in_flight", o.in_flight);
  w.field("answered", static_cast<std::int64_t>(o.answered));
  w.field("failed", static_cast<std::int64_t>(o.failed));
  number_field(w, "per_second", o.per_second);
  w.end_object();
  co_return Answer{200, std::move(out)};
}

Task<Result<Answer>> show_openapi(Call&) { co_return Answer{200, openapi_json()}; }

}  // namespace pb::api::admin
