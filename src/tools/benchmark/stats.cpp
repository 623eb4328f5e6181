#include "tools/benchmark/stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace pb::tools::bench {
namespace {

constexpr double kZ = 1.959963984540054;  // the normal distribution's quantile 0.975

// Student's t, quantile 0.975, for 1 to 30 degrees of freedom: the usual table.
constexpr std::array kT = {12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
                           2.262157,  2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905,
                           2.109816,  2.100922, 2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899,
                           2.059539,  2.055529, 2.051831, 2.048407, 2.045230, 2.042272};

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double m = mean(values);
  double squares = 0;
  for (const double v : values) squares += (v - m) * (v - m);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const double rank = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size()));
  const std::size_t at =
      std::min(values.size(), std::max<std::size_t>(1, static_cast<std::size_t>(rank))) - 1;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

double student_t(std::size_t freedom) {
  if (freedom == 0) return kZ;  // has no meaning; callers have asked for two values at least
  if (freedom <= kT.size()) return kT[freedom - 1];
  // The expansion of Cornish and Fisher around the normal distribution; its error is below 0.00001 here.
  const double n = static_cast<double>(freedom), z = kZ, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

std::optional<Interval> mean_interval(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double m = mean(values);
  const double reach =
      student_t(values.size() - 1) * deviation(values) / std::sqrt(static_cast<double>(values.size()));
  return Interval{m - reach, m + reach};
}

std::optional<Interval> wilson(std::size_t successes, std::size_t tries) {
  if (tries == 0) return std::nullopt;
  const double n = static_cast<double>(tries), p = static_cast<double>(successes) / n, z2 = kZ * kZ;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double reach = kZ / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  // At the ends the sums are 0 and 1 but for rounding.
  return Interval{successes == 0 ? 0 : std::max(0.0, middle - reach),
                  successes == tries ? 1 : std::min(1.0, middle + reach)};
}

Spread spread(const std::vector<double>& values) {
  Spread s;
  s.n = values.size();
  if (values.empty()) return s;
  s.sum = std::accumulate(values.begin(), values.end(), 0.0);
  s.mean = mean(values);
  s.min = std::ranges::min(values);
  s.max = std::ranges::max(values);
  s.p50 = percentile(values, 0.5);
  s.p95 = percentile(values, 0.95);
  s.deviation = deviation(values);
  s.interval = mean_interval(values);
  return s;
}

}  // namespace pb::tools::bench
