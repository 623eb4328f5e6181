#include "tools/benchmark/metrics.h"

#include <algorithm>
#include <cmath>

namespace pb::tools::bench {
namespace {

struct Columns {
  std::vector<double> response_ms, first_token_ms, input, output, throughput, cost, quality, chars;
};

void add_success(ModelMetrics& m, Columns& c, const Run& r) {
  ++m.succeeded;
  if (m.provider.empty()) m.provider = r.provider;
  if (r.has_code) ++m.with_code;
  c.chars.push_back(static_cast<double>(r.chars));
  if (r.quality >= 0) {
    c.quality.push_back(r.quality);
    if (m.quality_by.empty())
      m.quality_by = r.quality_by;
    else if (m.quality_by != r.quality_by)
      m.quality_by = "judge and heuristic";
  }
  if (!r.cache.empty()) {
    ++m.cached;
    return;
  }
  c.response_ms.push_back(static_cast<double>(r.latency_us) / 1000);
  if (r.first_token_us >= 0) c.first_token_ms.push_back(static_cast<double>(r.first_token_us) / 1000);
  if (r.cost_known) c.cost.push_back(r.cost);
  if (!r.usage_known) return;
  c.input.push_back(static_cast<double>(r.input));
  c.output.push_back(static_cast<double>(r.output));
  if (r.latency_us > 0)
    c.throughput.push_back(static_cast<double>(r.output) / (static_cast<double>(r.latency_us) / 1e6));
}

// What the single scores are relative to: the middle of all runs compared.
struct Middles {
  double latency = 0, cost = 0, throughput = 0;
};

Middles middles(std::span<const Run> runs) {
  Columns c;
  ModelMetrics all;
  for (const Run& r : runs)
    if (r.error.empty()) add_success(all, c, r);
  return {percentile(c.response_ms, 0.5), percentile(c.cost, 0.5), percentile(c.throughput, 0.5)};
}

// 1 of nothing, 0.5 of the middle, towards 0 of much.
double low_is_good(double value, double middle) {
  if (value <= 0) return 1;
  return middle <= 0 ? 0 : middle / (middle + value);
}
double high_is_good(double value, double middle) {
  if (value <= 0) return 0;
  return middle <= 0 ? 1 : value / (middle + value);
}

struct RunScore {
  std::optional<double> speed, cost, quality, throughput;
};

RunScore score_of(const Run& r, const Middles& middle) {
  RunScore s;
  if (r.quality >= 0) s.quality = r.quality;
  if (!r.cache.empty()) return s;
  s.speed = low_is_good(static_cast<double>(r.latency_us) / 1000, middle.latency);
  if (r.cost_known) s.cost = low_is_good(r.cost, middle.cost);
  if (r.usage_known && r.latency_us > 0)
    s.throughput = high_is_good(static_cast<double>(r.output) / (static_cast<double>(r.latency_us) / 1e6),
                                middle.throughput);
  return s;
}

struct Scored {
  Score score;
  std::vector<RunScore> runs;
  std::size_t failed = 0;
};

std::optional<double> mean_of(const std::vector<RunScore>& runs, std::optional<double> RunScore::* member) {
  std::vector<double> values;
  for (const RunScore& r : runs)
    if (r.*member) values.push_back(*(r.*member));
  if (values.empty()) return std::nullopt;
  return mean(values);
}

void finish(Scored& s, const Weights& w) {
  std::vector<double> overall(s.failed, 0.0);
  for (const RunScore& r : s.runs)
    overall.push_back(w.speed * r.speed.value_or(s.score.speed.value_or(0)) +
                      w.cost * r.cost.value_or(s.score.cost.value_or(0)) +
                      w.quality * r.quality.value_or(s.score.quality.value_or(0)) +
                      w.throughput * r.throughput.value_or(s.score.throughput.value_or(0)));
  s.score.n = overall.size();
  s.score.overall = mean(overall);
  s.score.interval = mean_interval(overall);
  if (s.score.interval) {
    s.score.interval->low = std::max(0.0, s.score.interval->low);
    s.score.interval->high = std::min(1.0, s.score.interval->high);
  }
}

Weights known_weights(const std::vector<Scored>& models, const Weights& given,
                      std::vector<std::string>& left_out) {
  Weights w = given;
  const auto look = [&](std::string_view name, double& weight, std::optional<double> Score::* member) {
    const bool all = std::ranges::all_of(
        models, [&](const Scored& s) { return s.runs.empty() || (s.score.*member).has_value(); });
    if (all || weight == 0) return;
    weight = 0;
    left_out.emplace_back(name);
  };
  look("speed", w.speed, &Score::speed);
  look("cost", w.cost, &Score::cost);
  look("quality", w.quality, &Score::quality);
  look("throughput", w.throughput, &Score::throughput);
  const auto again = normalised(w);
  return again ? *again : w;
}

}  // namespace

std::vector<ModelMetrics> sum_up(std::span<const Run> runs) {
  std::vector<ModelMetrics> out;
  std::vector<Columns> columns;
  for (const Run& r : runs) {
    auto it = std::ranges::find(out, r.model, &ModelMetrics::model);
    if (it == out.end()) {
      it = out.insert(out.end(), ModelMetrics{});
      it->model = r.model;
      columns.emplace_back();
    }
    ++it->runs;
    if (r.error.empty())
      add_success(*it, columns[static_cast<std::size_t>(it - out.begin())], r);
    else
      ++it->errors[r.error];
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    ModelMetrics& m = out[i];
    const Columns& c = columns[i];
    m.success = wilson(m.succeeded, m.runs);
    m.response_ms = spread(c.response_ms);
    m.first_token_ms = spread(c.first_token_ms);
    m.input = spread(c.input);
    m.output = spread(c.output);
    m.throughput = spread(c.throughput);
    m.cost = spread(c.cost);
    m.quality = spread(c.quality);
    m.chars = spread(c.chars);
  }
  return out;
}

Result<Weights> normalised(Weights w) {
  for (const double* part : {&w.speed, &w.cost, &w.quality, &w.throughput})
    if (!(*part >= 0) || !std::isfinite(*part))
      return fail(Code::invalid_request, "weights must not be below 0", "weights");
  const double sum = w.speed + w.cost + w.quality + w.throughput;
  if (!(sum > 0)) return fail(Code::invalid_request, "one of the weights must be above 0", "weights");
  return Weights{w.speed / sum, w.cost / sum, w.quality / sum, w.throughput / sum};
}

Scores score(std::span<const Run> runs, const Weights& weights) {
  const Middles middle = middles(runs);
  std::vector<Scored> models;
  for (const Run& r : runs) {
    auto it = std::ranges::find_if(models, [&](const Scored& s) { return s.score.model == r.model; });
    if (it == models.end()) {
      it = models.insert(models.end(), Scored{});
      it->score.model = r.model;
    }
    if (r.error.empty())
      it->runs.push_back(score_of(r, middle));
    else
      ++it->failed;
  }
  for (Scored& s : models) {
    s.score.speed = mean_of(s.runs, &RunScore::speed);
    s.score.cost = mean_of(s.runs, &RunScore::cost);
    s.score.quality = mean_of(s.runs, &RunScore::quality);
    s.score.throughput = mean_of(s.runs, &RunScore::throughput);
  }
  Scores out;
  out.weights = known_weights(models, weights, out.left_out);
  for (Scored& s : models) {
    finish(s, out.weights);
    out.models.push_back(std::move(s.score));
  }
  return out;
}

}  // namespace pb::tools::bench
