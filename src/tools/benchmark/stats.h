// The statistics of benchmarks. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace pb::tools::bench {

// Where the true value lies with 95 % confidence.
struct Interval {
  double low = 0, high = 0;
};
inline bool overlap(const Interval& a, const Interval& b) { return a.low <= b.high && b.low <= a.high; }

double mean(std::span<const double> values);       // 0 of none
double deviation(std::span<const double> values);  // of the sample (n - 1); 0 of fewer than two
// Nearest rank: the smallest value that `share` (0 to 1) of the values do not exceed. 0 of none.
double percentile(std::vector<double> values, double share);
// The quantile 0.975 of Student's t distribution; `freedom` >= 1.
double student_t(std::size_t freedom);
// Of the mean, by Student's t. None of fewer than two values: one measurement says nothing about its own spread.
std::optional<Interval> mean_interval(std::span<const double> values);
// Of a share, by Wilson's score. None where nothing was tried.
std::optional<Interval> wilson(std::size_t successes, std::size_t tries);
// What a column of measurements sums up to.
struct Spread {
  std::size_t n = 0;
  double mean = 0, min = 0, max = 0, p50 = 0, p95 = 0, deviation = 0, sum = 0;
  std::optional<Interval> interval;  // of the mean
};
Spread spread(const std::vector<double>& values);

}  // namespace pb::tools::bench
