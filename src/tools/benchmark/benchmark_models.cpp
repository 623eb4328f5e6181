// benchmark_models: measures models with several questions and runs, and keeps the figures.
#include "tools/benchmark/arguments.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/benchmark/quality.h"
#include "tools/benchmark/report.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

std::string input() {
  return R"({"type":"object","properties":{"models":)" + models_schema(1) + "," + plan_properties() +
         R"(},"required":["models"],"additionalProperties":false})";
}

std::string output() {
  return R"({"type":"object","properties":{)" + report_properties() +
         R"(,"saved":{"type":"boolean"},"resource":{"type":"string"},"notes":{"type":"array","items":{"type":"string"}},)"
         R"("judge":{"type":"object","properties":{"model":{"type":"string"},"graded":{"type":"integer"},)"
         R"("failed":{"type":"integer"},"cost":{"type":"number"}},"required":["model","graded","failed"]}},)"
         R"("required":["id","state","timestamp","config","results","rankings","saved","notes"]})";
}

void write_judge(json::Writer& w, const Plan& plan, const Judged& judged) {
  w.key("judge");
  w.begin_object();
  w.field("model", plan.judge);
  w.field("graded", judged.graded);
  w.field("failed", judged.failed);
  w.field("cost", judged.cost);
  w.end_object();
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  auto plan = read_plan(a);
  if (!plan) co_return error_result(plan.error());
  auto models = read_models(a["models"]);
  if (!models) co_return error_result(models.error());
  plan->models = std::move(*models);
  auto measured = co_await measure(deps, context, *plan);
  if (!measured) co_return error_result(measured.error());
  const bool saved = measured->saved;
  std::vector<std::string> notes = std::move(measured->notes);
  const Report report = make_report(std::move(measured->benchmark), std::move(measured->runs));
  bool ruled = false;
  for (const ModelMetrics& m : report.metrics) ruled |= m.quality_by == "heuristic";
  if (ruled) notes.emplace_back(kHeuristicsNote);
  if (plan->runs * plan->prompts.size() == 1)
    notes.emplace_back("One run each: there are no intervals, and the order may be chance");
  for (const std::string& name : report.scores.left_out)
    notes.push_back("The overall ranking leaves out " + name + ", which is not known of every model");
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_members(w, report, plan->include_texts ? Runs::told : Runs::none);
  w.field("saved", saved);
  if (saved) w.field("resource", benchmark_uri(report.benchmark.id));
  if (measured->judged) write_judge(w, *plan, *measured->judged);
  w.strings("notes", notes);
  w.end_object();
  mcp::ToolResult result = mcp::structured_result(std::move(out));
  result.is_error = !report.runs.empty() && best_of(report).empty();  // no run succeeded
  co_return result;
}

}  // namespace

mcp::Tool benchmark_models(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "benchmark_models",
             .title = "Benchmark models",
             .description = "Asks each model each question several times and measures time, first token, "
                            "tokens, cost, throughput, quality and reliability, with ranks and intervals of "
                            "95 % confidence. The figures are kept; questions and answers only with "
                            "include_texts. Takes models x questions x runs requests, which cost money.",
             .input = input(),
             .output = output(),
             .hints = kMeasuresModels,
             .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::bench
