// compare_model_performance: models by weights of the caller's own, with advice.
#include <algorithm>

#include "tools/benchmark/advice.h"
#include "tools/benchmark/arguments.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/benchmark/gather.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

constexpr Weights kDefault = {0.2, 0.3, 0.4, 0.1};

std::string input() {
  return R"({"type":"object","properties":{"models":)" + models_schema(1) +
         R"(,"weights":{"type":"object","properties":{"speed":{"type":"number","minimum":0},"cost":{"type":"number","minimum":0},)"
         R"("quality":{"type":"number","minimum":0},"throughput":{"type":"number","minimum":0}},"additionalProperties":false,)"
         R"("description":"What counts how much; made to add up to 1. Default: speed 0.2, cost 0.3, quality 0.4, throughput 0.1. What is left out of a given object counts 0"},)"
         R"("include_cost_analysis":{"type":"boolean","default":true},)"
         R"("benchmark":{"type":"string","maxLength":100,"description":"Only this benchmark's runs"},)" +
         history_properties() + "," + plan_properties() +
         R"(},"required":["models"],"additionalProperties":false})";
}

std::string output() {
  return R"({"type":"object","properties":{
    "ranking":{"type":"array","items":{"type":"object","properties":{
      "rank":{"type":"integer"},"model_id":{"type":"string"},"weighted_score":{"type":"number"},"n":{"type":"integer"},
      "interval":{"type":"object"},"individual_scores":{"type":"object","additionalProperties":{"type":"number"}}},
      "required":["rank","model_id","weighted_score","n","individual_scores"]}},
    "weights":{"type":"object","additionalProperties":{"type":"number"}},
    "detailed_metrics":{"type":"array","items":)" +
         std::string(kMetricsSchema) + R"(},"analysis":)" + std::string(kAnalysisSchema) +
         R"(,"recommendations":)" + std::string(kRecommendationsSchema) +
         R"(,"benchmark":{"type":"string","description":"what was measured for this"},
    "notes":{"type":"array","items":{"type":"string"}}},
    "required":["ranking","weights","detailed_metrics","analysis","recommendations","notes"]})";
}

Weights read_weights(json::Value given) {
  if (!given.is_object() || given.size() == 0) return kDefault;
  return {given["speed"].as_double(0), given["cost"].as_double(0), given["quality"].as_double(0),
          given["throughput"].as_double(0)};
}

void write_scores(json::Writer& w, const Score& s) {
  w.key("individual_scores");
  w.begin_object();
  if (s.speed) w.field("speed", *s.speed);
  if (s.cost) w.field("cost", *s.cost);
  if (s.quality) w.field("quality", *s.quality);
  if (s.throughput) w.field("throughput", *s.throughput);
  w.end_object();
}

void write_ranking(json::Writer& w, const Scores& scores, const Ranking& overall) {
  w.key("ranking");
  w.begin_array();
  for (const Ranked& r : overall.models) {
    w.begin_object();
    w.field("rank", r.rank);
    w.field("model_id", r.model);
    w.field("weighted_score", r.value);
    w.field("n", static_cast<std::int64_t>(r.n));
    write_interval(w, r.interval);
    write_scores(w, *std::ranges::find(scores.models, r.model, &Score::model));
    w.end_object();
  }
  w.end_array();
  w.key("weights");
  w.begin_object();
  w.field("speed", scores.weights.speed);
  w.field("cost", scores.weights.cost);
  w.field("quality", scores.weights.quality);
  w.field("throughput", scores.weights.throughput);
  w.end_object();
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const auto weights = normalised(read_weights(a["weights"]));
  if (!weights) co_return error_result(weights.error());
  auto wanted = read_wanted(a);
  if (!wanted) co_return error_result(wanted.error());
  auto gathered = co_await gather(deps, context, std::move(*wanted));
  if (!gathered) co_return error_result(gathered.error());
  const auto metrics = sum_up(gathered->runs);
  const Scores scores = score(gathered->runs, *weights);
  const auto rankings = rank(metrics, scores);
  for (const std::string& name : scores.left_out)
    gathered->notes.push_back("The score leaves out " + name + ", which is not known of every model");
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_ranking(w, scores, ranking_of(rankings, Metric::overall));
  w.key("detailed_metrics");
  w.begin_array();
  for (const ModelMetrics& m : metrics) write(w, m);
  w.end_array();
  w.key("analysis");
  write_analysis(w, metrics, a["include_cost_analysis"].as_bool(true));
  w.key("recommendations");
  write_recommendations(w, recommend(metrics, rankings));
  write_origin(w, *gathered);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool compare_model_performance(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "compare_model_performance",
       .title = "Compare models' performance",
       .description = "Ranks models by your own weights of speed, cost, quality and throughput, from the "
                      "runs of kept benchmarks, with metrics, an analysis and recommendations. Models "
                      "without kept runs are measured now, which costs money, unless `measure` is never.",
       .input = input(),
       .output = output(),
       .hints = kMeasuresModels,
       .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::bench
