// Models in order, and what is told of them.
#include <algorithm>

#include "tools/benchmark/metrics.h"

namespace pb::tools::bench {
namespace {

struct About {
  Metric metric;
  std::string_view name, unit;
  bool lower;
};
constexpr About kAbout[] = {{Metric::speed, "speed", "ms", true},
                            {Metric::cost, "cost", "US dollars for one answer", true},
                            {Metric::quality, "quality", "0 to 1", false},
                            {Metric::throughput, "throughput", "tokens per second", false},
                            {Metric::reliability, "reliability", "share of runs that succeeded", false},
                            {Metric::overall, "overall", "0 to 1", false}};

const About& about(Metric metric) { return *std::ranges::find(kAbout, metric, &About::metric); }

std::optional<Ranked> entry(const ModelMetrics& m, Metric metric, const Scores& scores) {
  const auto of = [&](const Spread& s) -> std::optional<Ranked> {
    if (s.n == 0) return std::nullopt;
    return Ranked{m.model, 1, s.mean, s.n, s.interval};
  };
  switch (metric) {
    case Metric::speed:
      return of(m.response_ms);
    case Metric::cost:
      return of(m.cost);
    case Metric::quality:
      return of(m.quality);
    case Metric::throughput:
      return of(m.throughput);
    case Metric::reliability:
      if (m.runs == 0) return std::nullopt;
      return Ranked{m.model, 1, m.success_rate(), m.runs, m.success};
    case Metric::overall:
      break;
  }
  const auto it = std::ranges::find(scores.models, m.model, &Score::model);
  if (it == scores.models.end() || it->n == 0) return std::nullopt;
  return Ranked{m.model, 1, it->overall, it->n, it->interval};
}

void write_spread(json::Writer& w, std::string_view name, const Spread& s) {
  if (s.n == 0) return;
  w.key(name);
  w.begin_object();
  w.field("n", static_cast<std::int64_t>(s.n));
  w.field("avg", s.mean);
  w.field("min", s.min);
  w.field("max", s.max);
  w.field("p50", s.p50);
  w.field("p95", s.p95);
  if (s.n > 1) w.field("std", s.deviation);
  write_interval(w, s.interval);
  w.end_object();
}

}  // namespace

std::string_view name_of(Metric metric) { return about(metric).name; }
std::string_view unit_of(Metric metric) { return about(metric).unit; }
bool lower_is_better(Metric metric) { return about(metric).lower; }
std::optional<Metric> metric_of(std::string_view name) {
  for (const About& a : kAbout)
    if (a.name == name) return a.metric;
  return std::nullopt;
}

std::vector<Ranking> rank(std::span<const ModelMetrics> metrics, const Scores& scores) {
  std::vector<Ranking> out;
  for (const Metric metric : kMetrics) {
    Ranking r;
    r.metric = metric;
    for (const ModelMetrics& m : metrics) {
      if (auto e = entry(m, metric, scores))
        r.models.push_back(std::move(*e));
      else
        r.unranked.push_back(m.model);
    }
    const bool lower = lower_is_better(metric);
    std::ranges::sort(r.models, [lower](const Ranked& a, const Ranked& b) {
      if (a.value != b.value) return lower ? a.value < b.value : a.value > b.value;
      return a.model < b.model;
    });
    for (std::size_t i = 0; i < r.models.size(); ++i) {
      Ranked& at = r.models[i];
      at.rank = i > 0 && r.models[i - 1].value == at.value ? r.models[i - 1].rank : static_cast<int>(i) + 1;
      const Ranked& first = r.models.front();
      at.clear = i > 0 && at.interval && first.interval && !overlap(*at.interval, *first.interval);
    }
    out.push_back(std::move(r));
  }
  return out;
}

const Ranking& ranking_of(std::span<const Ranking> rankings, Metric metric) {
  return *std::ranges::find(rankings, metric, &Ranking::metric);
}

void write_interval(json::Writer& w, const std::optional<Interval>& interval) {
  if (!interval) return;
  w.key("interval");
  w.begin_object();
  w.field("low", interval->low);
  w.field("high", interval->high);
  w.end_object();
}

void write(json::Writer& w, const ModelMetrics& m) {
  w.begin_object();
  w.field("model", m.model);
  if (!m.provider.empty()) w.field("provider", m.provider);
  w.field("runs", static_cast<std::int64_t>(m.runs));
  w.field("succeeded", static_cast<std::int64_t>(m.succeeded));
  w.key("success_rate");
  w.begin_object();
  w.field("value", m.success_rate());
  write_interval(w, m.success);
  w.end_object();
  w.key("errors");
  w.begin_object();
  for (const auto& [code, count] : m.errors) w.field(code, static_cast<std::int64_t>(count));
  w.end_object();
  if (m.cached != 0) w.field("from_cache", static_cast<std::int64_t>(m.cached));
  write_spread(w, "response_ms", m.response_ms);
  write_spread(w, "first_token_ms", m.first_token_ms);
  write_spread(w, "input_tokens", m.input);
  write_spread(w, "output_tokens", m.output);
  if (m.input.n != 0) w.field("total_tokens", static_cast<std::int64_t>(m.input.sum + m.output.sum));
  write_spread(w, "tokens_per_second", m.throughput);
  write_spread(w, "cost", m.cost);
  if (m.cost.n != 0) {
    w.field("total_cost", m.cost.sum);
    if (m.quality.n != 0 && m.quality.mean > 0) w.field("cost_per_quality", m.cost.mean / m.quality.mean);
  }
  write_spread(w, "quality", m.quality);
  if (!m.quality_by.empty()) w.field("quality_by", m.quality_by);
  write_spread(w, "response_length", m.chars);
  w.field("contains_code", static_cast<std::int64_t>(m.with_code));
  w.end_object();
}

void write(json::Writer& w, const Ranking& r) {
  w.begin_object();
  w.field("metric", name_of(r.metric));
  w.field("unit", unit_of(r.metric));
  w.field("better", lower_is_better(r.metric) ? "lower" : "higher");
  w.key("models");
  w.begin_array();
  for (const Ranked& m : r.models) {
    w.begin_object();
    w.field("rank", m.rank);
    w.field("model", m.model);
    w.field("value", m.value);
    w.field("n", static_cast<std::int64_t>(m.n));
    write_interval(w, m.interval);
    if (m.rank > 1 && m.interval && r.models.front().interval) w.field("clearly_behind_the_first", m.clear);
    w.end_object();
  }
  w.end_array();
  if (!r.unranked.empty()) {
    w.strings("unranked", r.unranked);
  }
  w.end_object();
}

const std::string_view kMetricsSchema = R"({
  "type":"object",
  "properties":{
    "model":{"type":"string"},"provider":{"type":"string"},
    "runs":{"type":"integer"},"succeeded":{"type":"integer"},
    "success_rate":{"type":"object","properties":{"value":{"type":"number"},"interval":{"type":"object"}},
      "required":["value"],"description":"with Wilson's interval of 95 %"},
    "errors":{"type":"object","additionalProperties":{"type":"integer"},"description":"runs that failed, by reason"},
    "from_cache":{"type":"integer"},
    "response_ms":{"type":"object","description":"avg, min, max, p50, p95; std and the mean's interval of 95 % from two runs on"},
    "first_token_ms":{"type":"object"},
    "input_tokens":{"type":"object"},"output_tokens":{"type":"object"},"total_tokens":{"type":"integer"},
    "tokens_per_second":{"type":"object"},
    "cost":{"type":"object","description":"US dollars of one run; missing where no price is known"},
    "total_cost":{"type":"number"},"cost_per_quality":{"type":"number"},
    "quality":{"type":"object"},"quality_by":{"type":"string"},
    "response_length":{"type":"object"},"contains_code":{"type":"integer"}
  },
  "required":["model","runs","succeeded","success_rate","errors"]
})";

const std::string_view kRankingSchema = R"({
  "type":"object",
  "properties":{
    "metric":{"type":"string"},"unit":{"type":"string"},"better":{"type":"string","enum":["lower","higher"]},
    "models":{"type":"array","items":{"type":"object","properties":{
      "rank":{"type":"integer"},"model":{"type":"string"},"value":{"type":"number"},"n":{"type":"integer"},
      "interval":{"type":"object","properties":{"low":{"type":"number"},"high":{"type":"number"}},"required":["low","high"]},
      "clearly_behind_the_first":{"type":"boolean"}},
      "required":["rank","model","value","n"]}},
    "unranked":{"type":"array","items":{"type":"string"}}
  },
  "required":["metric","unit","better","models"]
})";

}  // namespace pb::tools::bench
