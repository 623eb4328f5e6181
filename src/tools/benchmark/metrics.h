// What a model's runs sum up to, and how models compare. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "store/benchmarks.h"
#include "tools/benchmark/stats.h"

namespace pb::tools::bench {

using Run = store::BenchmarkRun;

struct ModelMetrics {
  std::string model, provider;
  std::size_t runs = 0, succeeded = 0;
  std::size_t cached = 0;                     // answered from the cache: no measure of speed or cost
  std::map<std::string, std::size_t> errors;  // by code
  std::optional<Interval> success;            // of the success rate, Wilson
  Spread response_ms, first_token_ms;         // of runs that succeeded
  Spread input, output;                       // tokens of one run
  Spread throughput;                          // tokens of the answer by second of the whole response time
  Spread cost;                                // US dollars of one run
  Spread quality;                             // 0 to 1
  Spread chars;
  std::string quality_by;  // "judge", "heuristic", "judge and heuristic"; "" = not known
  std::size_t with_code = 0;
  double success_rate() const {
    return runs == 0 ? 0 : static_cast<double>(succeeded) / static_cast<double>(runs);
  }
};
// One for each model, in the order in which they first appear.
std::vector<ModelMetrics> sum_up(std::span<const Run> runs);

// The share of each in the overall score.
struct Weights {
  double speed = 0.25, cost = 0.25, quality = 0.35, throughput = 0.15;
};
// So that they add up to 1. Error{invalid_request} where none is above 0 or one below.
Result<Weights> normalised(Weights weights);

enum class Metric : std::uint8_t { speed, cost, quality, throughput, reliability, overall };
inline constexpr std::array kMetrics = {Metric::overall, Metric::speed,      Metric::cost,
                                        Metric::quality, Metric::throughput, Metric::reliability};
std::string_view name_of(Metric metric);
std::optional<Metric> metric_of(std::string_view name);
std::string_view unit_of(Metric metric);
bool lower_is_better(Metric metric);

struct Ranked {
  std::string model;
  int rank = 1;      // the same for the same value
  double value = 0;  // a mean, in the metric's unit
  std::size_t n = 0;
  std::optional<Interval> interval;
  bool clear =
      false;  // its interval and the first one's do not overlap, so that chance hardly made the difference
};
struct Ranking {
  Metric metric = Metric::overall;
  std::vector<Ranked> models;         // best first
  std::vector<std::string> unranked;  // nothing is known of them in this
};

// A model's scores in a comparison: 0 to 1, 0.5 for what lies in the middle of all runs compared. A run that failed scores 0 overall.
struct Score {
  std::string model;
  std::optional<double> speed, cost, quality, throughput;  // means
  double overall = 0;
  std::size_t n = 0;
  std::optional<Interval> interval;  // of `overall`
};
struct Scores {
  Weights weights;  // as used: 0 for what is not known of every model
  std::vector<Score> models;
  std::vector<std::string> left_out;  // names of metrics without a part in it
};
// `weights`: normalised.
Scores score(std::span<const Run> runs, const Weights& weights);

// All metrics, by kMetrics' order.
std::vector<Ranking> rank(std::span<const ModelMetrics> metrics, const Scores& scores);
const Ranking& ranking_of(std::span<const Ranking> rankings, Metric metric);

// JSON objects of these.
void write(json::Writer& w, const ModelMetrics& m);
void write(json::Writer& w, const Ranking& r);
void write_interval(json::Writer& w, const std::optional<Interval>& interval);  // a field, where there is one
// JSON Schemas of what is written.
extern const std::string_view kMetricsSchema, kRankingSchema;

}  // namespace pb::tools::bench
