// get_benchmark_history: what was measured before.
#include "base/clock.h"
#include "base/limits_benchmark.h"
#include "base/when.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/benchmark/on_disk.h"
#include "tools/benchmark/report.h"
#include "tools/benchmark/runner.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::string input() {
  return R"({"type":"object","properties":{
    "limit":{"type":"integer","minimum":1,"maximum":)" +
         std::to_string(limits::kBenchmarkListMax) + R"(,"default":10},
    "days_back":{"type":"integer","minimum":1,"maximum":3650,"default":30},
    "model_filter":{"type":"string","maxLength":300,"description":"Only benchmarks of a model whose name contains this text"},
    "id":{"type":"string","minLength":1,"maxLength":100,"description":"Only this benchmark, with its figures, rankings and runs as `report`"}},
    "additionalProperties":false})";
}

std::string output() {
  return R"({"type":"object","properties":{
    "history":{"type":"array","items":{"type":"object","properties":{
      "id":{"type":"string"},"timestamp":{"type":"string"},"ended":{"type":"string"},"state":{"type":"string"},
      "models_tested":{"type":"array","items":{"type":"string"}},"success_rate":{"type":"string"},
      "config":{"type":"object"},"summary":{"type":"object","properties":{
        "total_models":{"type":"integer"},"successful_models":{"type":"integer"},"runs":{"type":"integer"},
        "successful_runs":{"type":"integer"},"avg_response_time_ms":{"type":"number"},"best_model":{"type":"string"}},
        "required":["total_models","successful_models","runs","successful_runs"]}},
      "required":["id","timestamp","state","models_tested","success_rate","config","summary"]}},
    "total":{"type":"integer","description":"that fit, also those beyond the limit"},
    "period_days":{"type":"integer"},"filter_applied":{"type":"string"},
    "report":{"type":"object","properties":{)" +
         report_properties() + R"(}}},"required":["history","total"]})";
}

void write_entry(json::Writer& w, const store::BenchmarkEntry& e) {
  const store::Benchmark& b = e.benchmark;
  w.begin_object();
  w.field("id", b.id);
  w.field("timestamp", time_text(b.begun_ms));
  if (b.ended_ms != 0) w.field("ended", time_text(b.ended_ms));
  w.field("state", b.state);
  w.strings("models_tested", e.models);
  w.field("success_rate", std::to_string(e.succeeded) + "/" + std::to_string(e.runs));
  w.key("config");
  w.raw(b.config.empty() ? "{}" : b.config);
  w.key("summary");
  w.begin_object();
  w.field("total_models", static_cast<std::int64_t>(e.models.size()));
  w.field("successful_models", e.models_succeeded);
  w.field("runs", e.runs);
  w.field("successful_runs", e.succeeded);
  if (e.succeeded > 0) w.field("avg_response_time_ms", e.latency_us_avg / 1000);
  if (!b.best.empty()) w.field("best_model", b.best);
  w.end_object();
  w.end_object();
}

Task<mcp::Outcome<mcp::ToolResult>> one(Deps deps, const mcp::Context& context, std::string id) {
  auto text = co_await on_disk(
      deps.gateway.blocking(), [store = deps.benchmarks, id, owner = sees(context)]() -> Result<std::string> {
        TRY_ASSIGN(auto benchmark, store->find(id, owner, unix_ms()));
        if (!benchmark)
          return fail(
              Code::not_found,
              "there is no benchmark `" + id + "`; get_benchmark_history without `id` tells which there are",
              "id");
        TRY_ASSIGN(auto runs, store->runs_of(id));
        const Report report = make_report(std::move(*benchmark), std::move(runs));
        store::BenchmarkEntry entry{report.benchmark, {}, 0, 0, 0, 0};
        double ms = 0;
        std::size_t measured = 0;
        for (const ModelMetrics& m : report.metrics) {
          entry.models.push_back(m.model);
          entry.runs += static_cast<std::int64_t>(m.runs);
          entry.succeeded += static_cast<std::int64_t>(m.succeeded);
          entry.models_succeeded += m.succeeded != 0 ? 1 : 0;
          ms += m.response_ms.sum;
          measured += m.response_ms.n;
        }
        if (measured != 0) entry.latency_us_avg = ms / static_cast<double>(measured) * 1000;
        std::string out;
        json::Writer w(out);
        w.begin_object();
        w.key("history");
        w.begin_array();
        write_entry(w, entry);
        w.end_array();
        w.field("total", 1);
        w.key("report");
        w.begin_object();
        write_members(w, report, Runs::told);
        w.end_object();
        w.end_object();
        return out;
      });
  if (!text) co_return error_result(text.error());
  co_return mcp::structured_result(std::move(*text));
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value a) {
  if (deps.benchmarks == nullptr) co_return mcp::error_result("no history is kept here");
  if (a.has("id")) co_return co_await one(deps, context, std::string(a["id"].as_string()));
  store::BenchmarkFilter filter;
  const std::int64_t days = a["days_back"].as_int(30);
  filter.owner = sees(context);
  filter.now_ms = unix_ms();
  filter.from_ms = filter.now_ms - days * kDayMs;
  filter.model_part = a["model_filter"].as_string();
  filter.limit = a["limit"].as_int(10);
  auto text =
      co_await on_disk(deps.gateway.blocking(),
                       [store = deps.benchmarks, filter = std::move(filter), days]() -> Result<std::string> {
                         TRY_ASSIGN(const auto list, store->list(filter));
                         TRY_ASSIGN(const std::int64_t total, store->count(filter));
                         std::string out;
                         json::Writer w(out);
                         w.begin_object();
                         w.key("history");
                         w.begin_array();
                         for (const store::BenchmarkEntry& e : list) write_entry(w, e);
                         w.end_array();
                         w.field("total", total);
                         w.field("period_days", days);
                         if (!filter.model_part.empty()) w.field("filter_applied", filter.model_part);
                         w.end_object();
                         return out;
                       });
  if (!text) co_return error_result(text.error());
  co_return mcp::structured_result(std::move(*text));
}

}  // namespace

mcp::Tool get_benchmark_history(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "get_benchmark_history",
             .title = "Benchmark history",
             .description = "Lists kept benchmarks, newest first: when, of which models, how many runs "
                            "succeeded, which came out best. With `id` it tells one of them in full.",
             .input = input(),
             .output = output(),
             .hints = kReads});
}

}  // namespace pb::tools::bench
