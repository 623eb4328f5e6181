// compare_models: one question to several models at the same time.
#include <algorithm>
#include <chrono>

#include "base/limits_benchmark.h"
#include "tools/benchmark/arguments.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

constexpr int kTimeoutSeconds = 120;

std::string input() {
  return R"({"type":"object","properties":{"models":)" + models_schema(1) +
         R"(,"prompt":{"type":"string","minLength":1,"maxLength":1000000},"system_prompt":{"type":"string","maxLength":1000000},)"
         R"("temperature":{"type":"number","minimum":0,"maximum":2},"max_tokens":{"type":"integer","minimum":1,"maximum":1000000},)"
         R"("timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":)" +
         std::to_string(limits::kBenchmarkTimeoutSecondsMax) + R"(,"default":)" +
         std::to_string(kTimeoutSeconds) +
         R"(,"description":"for each model"}},"required":["models","prompt"],"additionalProperties":false})";
}

constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "results":{"type":"array","items":{"type":"object","properties":{
      "asked_model":{"type":"string"},"success":{"type":"boolean"},"model":{"type":"string"},"provider":{"type":"string"},
      "response":{"type":"string"},"usage":{"type":"object"},"cost":{"type":"number"},"latency_ms":{"type":"number"},
      "error":{"type":"string"},"error_type":{"type":"string"}},
      "required":["asked_model","success"]}},
    "summary":{"type":"object","properties":{
      "models":{"type":"integer"},"succeeded":{"type":"integer"},"total_ms":{"type":"number"},"total_cost":{"type":"number"},
      "fastest":{"type":"string"},"cheapest":{"type":"string"}},"required":["models","succeeded","total_ms"]}
  },
  "required":["results","summary"]
})";

using Answers = std::vector<Result<ModelAnswer>>;

void write_results(json::Writer& w, const std::vector<std::string>& models, const Answers& answers) {
  w.key("results");
  w.begin_array();
  for (std::size_t i = 0; i < models.size(); ++i) {
    w.begin_object();
    w.field("asked_model", models[i]);
    w.field("success", answers[i].has_value());
    if (answers[i]) {
      write_answer(w, *answers[i]);
    } else {
      w.field("error", answers[i].error().message);
      w.field("error_type", to_string(answers[i].error().code));
    }
    w.end_object();
  }
  w.end_array();
}

void write_summary(json::Writer& w, const std::vector<std::string>& models, const Answers& answers,
                   double total_ms) {
  std::int64_t succeeded = 0, priced = 0;
  double cost = 0;
  std::size_t fastest = models.size(), cheapest = models.size();
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!answers[i]) continue;
    const ModelAnswer& a = *answers[i];
    ++succeeded;
    if (a.cache.empty() && (fastest == models.size() || a.latency_us < answers[fastest]->latency_us))
      fastest = i;
    if (!a.cost_known) continue;
    ++priced;
    cost += a.cost;
    if (cheapest == models.size() || a.cost < answers[cheapest]->cost) cheapest = i;
  }
  w.key("summary");
  w.begin_object();
  w.field("models", static_cast<std::int64_t>(models.size()));
  w.field("succeeded", succeeded);
  w.field("total_ms", total_ms);
  if (priced > 0) w.field("total_cost", cost);
  if (fastest != models.size()) w.field("fastest", models[fastest]);
  // Only where all prices are known: an unknown one may be lower.
  if (priced == succeeded && cheapest != models.size()) w.field("cheapest", models[cheapest]);
  w.end_object();
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  auto models = read_models(a["models"]);
  if (!models) co_return error_result(models.error());
  Allowance left = allowance(deps);
  if (std::ssize(*models) > left.calls)
    co_return mcp::error_result(
        std::to_string(models->size()) +
        " models are to be asked, and the option mcp.tools.calls grants one call of a tool " +
        std::to_string(left.calls));
  std::vector<ModelQuestion> questions;
  for (const std::string& model : *models) {
    ModelQuestion q;
    q.model = model;
    q.messages = plain_messages(a["system_prompt"].as_string(), a["prompt"].as_string());
    q.temperature = a["temperature"].as_double(-1);
    q.max_tokens = a["max_tokens"].as_int(0);
    q.timeout_ms = std::max(1, static_cast<int>(a["timeout_seconds"].as_double(kTimeoutSeconds) * 1000));
    questions.push_back(std::move(q));
  }
  const auto begin = std::chrono::steady_clock::now();
  std::size_t done = 0;
  const Answers answers = co_await ask_models(
      deps, context, std::move(questions), left, 0, [&](std::size_t i, const Result<ModelAnswer>& answer) {
        context.progress(static_cast<double>(++done), static_cast<double>(models->size()),
                         (*models)[i] + (answer ? " answered" : " failed"));
      });
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_results(w, *models, answers);
  write_summary(w, *models, answers, took.count());
  w.end_object();
  mcp::ToolResult result = mcp::structured_result(std::move(out));
  result.is_error = std::ranges::none_of(answers, [](const auto& answer) { return answer.has_value(); });
  co_return result;
}

}  // namespace

mcp::Tool compare_models(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "compare_models",
       .title = "Compare models",
       .description =
           "Asks several models the same question at the same time, and tells their answers side by side "
           "with tokens, cost and time. For figures that bear more than one try, use benchmark_models.",
       .input = input(),
       .output = kOutput,
       .hints = kAsksModels,
       .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::bench
