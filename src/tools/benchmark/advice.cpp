#include "tools/benchmark/advice.h"

#include <algorithm>

#include "tools/benchmark/report.h"

namespace pb::tools::bench {
namespace {

struct Kind {
  std::string_view type;
  Metric metric;
  std::string_view use_case, unit;
  int digits;
  double factor;
};
constexpr Kind kKinds[] = {
    {"best_overall", Metric::overall, "the default choice for tasks like those measured", "overall score", 3,
     1},
    {"fastest", Metric::speed, "interactive use, where people wait for the answer", "ms on average", 0, 1},
    {"cheapest", Metric::cost, "many requests, where money counts more than anything", "US$ an answer", 6, 1},
    {"best_quality", Metric::quality, "tasks where a bad answer is expensive", "of 1 in quality", 3, 1},
    {"highest_throughput", Metric::throughput, "long answers", "tokens a second", 1, 1},
    {"most_reliable", Metric::reliability, "unattended work", "% of its runs succeeded", 0, 100}};

bool answered(std::span<const ModelMetrics> metrics, const std::string& model) {
  const auto it = std::ranges::find(metrics, model, &ModelMetrics::model);
  return it != metrics.end() && it->succeeded != 0;
}

std::string reason(const Kind& kind, const std::vector<Ranked>& models) {
  const Ranked& first = models.front();
  std::string out = fixed(first.value * kind.factor, kind.digits) + " " + std::string(kind.unit);
  if (models.size() == 1) return out + "; nothing to compare it with";
  const Ranked& second = models[1];
  out += ", before " + second.model + " with " + fixed(second.value * kind.factor, kind.digits);
  if (second.value == first.value) return out + ": they are even";
  if (!first.interval || !second.interval)
    return out + "; there are too few runs to tell whether that is chance";
  if (overlap(*first.interval, *second.interval))
    return out + "; the intervals overlap, so it may be chance: more runs tell";
  return out + "; the intervals do not overlap";
}

const ModelMetrics* best_value(std::span<const ModelMetrics> metrics) {
  const ModelMetrics* best = nullptr;
  for (const ModelMetrics& m : metrics) {
    if (m.cost.n == 0 || m.quality.n == 0 || m.cost.mean <= 0) continue;
    if (best == nullptr || m.quality.mean / m.cost.mean > best->quality.mean / best->cost.mean) best = &m;
  }
  return best;
}

void distribution(json::Writer& w, std::string_view name, std::span<const ModelMetrics> metrics,
                  Spread ModelMetrics::* member) {
  std::vector<double> means;
  for (const ModelMetrics& m : metrics)
    if ((m.*member).n != 0) means.push_back((m.*member).mean);
  if (means.empty()) return;
  const Spread s = spread(means);
  w.key(name);
  w.begin_object();
  w.field("models", static_cast<std::int64_t>(s.n));
  w.field("avg", s.mean);
  w.field("min", s.min);
  w.field("max", s.max);
  if (s.n > 1) w.field("std", s.deviation);
  w.end_object();
}

}  // namespace

std::vector<Recommendation> recommend(std::span<const ModelMetrics> metrics,
                                      std::span<const Ranking> rankings) {
  std::vector<Recommendation> out;
  for (const Kind& kind : kKinds) {
    std::vector<Ranked> models = ranking_of(rankings, kind.metric).models;
    std::erase_if(models, [&](const Ranked& r) { return !answered(metrics, r.model); });
    if (models.empty()) continue;
    out.push_back(
        {std::string(kind.type), models.front().model, reason(kind, models), std::string(kind.use_case)});
  }
  if (const ModelMetrics* best = best_value(metrics))
    out.push_back({"best_value", best->model,
                   fixed(best->quality.mean, 3) + " of 1 in quality for US$ " + fixed(best->cost.mean, 6) +
                       " an answer, the most for the money among models that cost something",
                   "everyday work on a budget"});
  return out;
}

void write_analysis(json::Writer& w, std::span<const ModelMetrics> metrics, bool costs) {
  w.begin_object();
  if (costs) {
    w.key("cost_efficiency");
    w.begin_array();
    for (const ModelMetrics& m : metrics) {
      if (m.cost.n == 0 || m.quality.n == 0) continue;
      w.begin_object();
      w.field("model", m.model);
      w.field("cost", m.cost.mean);
      w.field("quality", m.quality.mean);
      if (m.quality.mean > 0) w.field("cost_per_quality", m.cost.mean / m.quality.mean);
      if (m.cost.mean > 0) w.field("quality_per_dollar", m.quality.mean / m.cost.mean);
      w.end_object();
    }
    w.end_array();
  }
  w.key("performance_distribution");
  w.begin_object();
  distribution(w, "response_ms", metrics, &ModelMetrics::response_ms);
  if (costs) distribution(w, "cost", metrics, &ModelMetrics::cost);
  distribution(w, "quality", metrics, &ModelMetrics::quality);
  distribution(w, "tokens_per_second", metrics, &ModelMetrics::throughput);
  w.end_object();
  w.end_object();
}

void write_recommendations(json::Writer& w, std::span<const Recommendation> recommendations) {
  w.begin_array();
  for (const Recommendation& r : recommendations) {
    w.begin_object();
    w.field("type", r.type);
    w.field("model", r.model);
    w.field("reason", r.reason);
    w.field("use_case", r.use_case);
    w.end_object();
  }
  w.end_array();
}

const std::string_view kAnalysisSchema = R"({"type":"object","properties":{
  "cost_efficiency":{"type":"array","items":{"type":"object","properties":{
    "model":{"type":"string"},"cost":{"type":"number"},"quality":{"type":"number"},
    "cost_per_quality":{"type":"number"},"quality_per_dollar":{"type":"number"}},"required":["model","cost","quality"]}},
  "performance_distribution":{"type":"object","additionalProperties":{"type":"object"}}},
  "required":["performance_distribution"]})";

const std::string_view kRecommendationsSchema = R"({"type":"array","items":{"type":"object","properties":{
  "type":{"type":"string"},"model":{"type":"string"},"reason":{"type":"string"},"use_case":{"type":"string"}},
  "required":["type","model","reason","use_case"]}})";

}  // namespace pb::tools::bench
