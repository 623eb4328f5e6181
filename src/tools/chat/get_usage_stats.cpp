// get_usage_stats: what the ledger knows of tokens, cost and latency.
#include "base/clock.h"
#include "base/when.h"
#include "store/usage_json.h"
#include "tools/chat/chat_tools.h"
#include "tools/model_call.h"
#include "tools/tool.h"
#include "tools/usage_reading.h"

namespace pb::tools {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "start_date":{"type":"string","description":"YYYY-MM-DD, that day included, or a span before now such as 24h or 7d"},
    "end_date":{"type":"string","description":"The same; a date includes its day"},
    "provider":{"type":"string"},"model":{"type":"string","description":"As the provider was asked"},
    "key":{"type":"string","description":"Name of a client's key"},"team":{"type":"string"},"route":{"type":"string"},
    "status":{"type":"string","description":"429, 4xx, errors"},
    "group_by":{"description":"Missing: provider and model","anyOf":[
      {"type":"string","enum":["day","provider","model","key","team","route","status"]},
      {"type":"array","uniqueItems":true,"items":{"type":"string","enum":["day","provider","model","key","team","route","status"]}}]}
  },
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "total_cost":{"type":"number","description":"US dollars, of the requests whose price is known"},
    "total_tokens":{"type":"integer"},
    "requests":{"type":"integer"},
    "by":{"type":"array","items":{"type":"string"}},
    "rows":{"type":"array","items":{"type":"object","properties":{
      "requests":{"type":"integer"},"errors":{"type":"integer"},"input":{"type":"integer"},"output":{"type":"integer"},
      "cost":{"type":"number"},"cost_unknown":{"type":"integer"}},"required":["requests","errors","input","output","cost"]}},
    "total":{"type":"object"},
    "key":{"type":"string","description":"Only this key's rows were looked at"}
  },
  "required":["total_cost","total_tokens","requests","by","rows","total"]
})";

Result<store::UsageFilter> filter_of(const mcp::Context& context, json::Value arguments) {
  store::UsageFilter f;
  const std::int64_t now = unix_ms();
  TRY_ASSIGN(f.from_ms, parse_when("start_date", arguments["start_date"].as_string(), now, false));
  TRY_ASSIGN(f.to_ms, parse_when("end_date", arguments["end_date"].as_string(), now, true));
  if (f.from_ms != 0 && f.to_ms != 0 && f.to_ms <= f.from_ms)
    return fail(Code::invalid_request, "end_date: lies before start_date", "end_date");
  f.provider = arguments["provider"].as_string();
  f.model = arguments["model"].as_string();
  f.key = arguments["key"].as_string();
  f.team = arguments["team"].as_string();
  f.route = arguments["route"].as_string();
  if (auto done = store::filter_status(arguments["status"].as_string(), f); !done)
    return fail(Code::invalid_request, "status: " + done.error().message, "status");
  TRY(own_rows_only(context, f));
  return f;
}

std::vector<std::string> groups_of(json::Value group_by) {
  std::vector<std::string> by;
  if (group_by.is_string()) by.emplace_back(group_by.as_string());
  for (const json::Value item : group_by.items()) by.emplace_back(item.as_string());
  if (by.empty() && !group_by.is_array()) by = {"provider", "model"};
  return by;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value arguments) {
  auto filter = filter_of(context, arguments);
  if (!filter) co_return error_result(filter.error());
  const std::vector<std::string> by = groups_of(arguments["group_by"]);
  auto rows = co_await read_ledger(deps, *filter, by);
  if (!rows) co_return error_result(rows.error());
  auto all = co_await read_ledger(deps, *filter, {});
  if (!all) co_return error_result(all.error());
  const store::UsageSum total = store::total_of(*rows, *all);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("total_cost", total.cost);
  w.field("total_tokens", total.input + total.output);
  w.field("requests", total.requests);
  store::write_usage_members(w, by, *rows, total);
  if (!filter->key.empty()) w.field("key", filter->key);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool get_usage_stats(const Deps& deps) {
  return make_tool<run>(deps, {.name = "get_usage_stats",
                               .title = "Usage and cost",
                               .description = "Sums requests, tokens, cost and latency of what went through "
                                              "the gateway, over a time and by what you choose.",
                               .input = kInput,
                               .output = kOutput,
                               .hints = kReads});
}

}  // namespace pb::tools
