// get_free_model_metrics: how the free models have done here, by the ledger and by the router's live table.
#include <map>

#include "base/clock.h"
#include "base/when.h"
#include "gateway/state.h"
#include "tools/chat/chat_tools.h"
#include "tools/chat/free_models.h"
#include "tools/model_call.h"
#include "tools/tool.h"
#include "tools/usage_reading.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "since":{"type":"string","default":"7d","description":"A span before now such as 24h or 7d, or a date YYYY-MM-DD"}
  },
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "models":{"type":"array","items":{"type":"object","properties":{
      "name":{"type":"string"},"provider":{"type":"string"},
      "total_requests":{"type":"integer"},"success_count":{"type":"integer"},"failure_count":{"type":"integer"},
      "success_rate":{"type":"number"},"avg_latency_ms":{"type":"number"},"tokens_per_second":{"type":"number"},
      "performance_score":{"type":"number","description":"What free_chat ranks by, for a plain conversation"},
      "state":{"type":"string"},"error_counts":{"type":"object","additionalProperties":{"type":"integer"}}},
      "required":["name","provider","total_requests","success_count","failure_count","performance_score","state","error_counts"]}},
    "quota":{"type":"object"}
  },
  "required":["models","quota"]
})";

struct Counts {
  std::int64_t requests = 0, failed = 0, answered = 0;
  double latency_us = 0;                       // of those answered, summed
  std::map<std::string, std::int64_t> errors;  // by status
};
using ByModel = std::map<std::string, Counts>;  // "provider/model"

ByModel counted(const std::vector<store::UsageSum>& rows) {
  ByModel out;
  for (const store::UsageSum& row : rows) {
    Counts& c = out[row.provider + "/" + row.model];
    c.requests += row.requests;
    c.failed += row.errors;
    if (row.errors != 0) c.errors[row.status] += row.errors;
    const std::int64_t good = row.requests - row.errors;
    c.answered += good;
    c.latency_us += static_cast<double>(row.latency_us_avg) * static_cast<double>(good);
  }
  return out;
}

void write_metrics(json::Writer& w, const KnownModel& m, const Counts& c, const gateway::Snapshot& snapshot) {
  const auto live = gateway::find_deployment(snapshot, m.provider + "/" + m.model, gateway::present());
  w.begin_object();
  w.field("name", m.name);
  w.field("provider", m.provider);
  w.field("total_requests", c.requests);
  w.field("success_count", c.answered);
  w.field("failure_count", c.failed);
  if (c.requests > 0)
    w.field("success_rate", static_cast<double>(c.answered) / static_cast<double>(c.requests));
  if (c.answered > 0) w.field("avg_latency_ms", c.latency_us / static_cast<double>(c.answered) / 1000);
  if (live && live->tokens_per_second > 0) w.field("tokens_per_second", live->tokens_per_second);
  w.field("performance_score", free_score(m, standing_of(snapshot, m), route::Kind::chat));
  w.field("state", live ? gateway::word_of(*live) : std::string_view("ready"));
  w.key("error_counts");
  w.begin_object();
  for (const auto& [status, count] : c.errors) w.field(status, count);
  w.end_object();
  w.end_object();
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  store::UsageFilter filter;
  auto since = parse_when("since", arguments["since"].as_string("7d"), unix_ms(), false);
  if (!since) co_return error_result(since.error());
  filter.from_ms = *since;
  if (auto own = own_rows_only(context, filter); !own) co_return error_result(own.error());
  auto rows = co_await read_ledger(deps, filter, {"provider", "model", "status"});
  if (!rows) co_return error_result(rows.error());
  const ByModel by_model = counted(*rows);
  const auto known = co_await known_models(deps, context);
  const FreeUse use = co_await free_use(deps);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("models");
  w.begin_array();
  for (const KnownModel& m : known) {
    if (!is_free(m)) continue;
    const auto found = by_model.find(m.provider + "/" + m.model);
    write_metrics(w, m, found == by_model.end() ? Counts() : found->second, deps.gateway.snapshot());
  }
  w.end_array();
  write_quota(w, use, deps.gateway.snapshot().config().mcp.free);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool get_free_model_metrics(const Deps& deps) {
  return make_tool<run>(deps, {.name = "get_free_model_metrics",
                               .title = "How free models do",
                               .description = "Tells for each free model how many requests it has had, how "
                                              "many it answered and how fast, and what is left of the quota.",
                               .input = kInput,
                               .output = kOutput,
                               .hints = kReads});
}

}  // namespace pb::tools
