// When to try again. Pure but for the budget's counter.
#pragma once
#include <atomic>
#include <cstdint>

#include "route/route.h"

namespace pb::route {

// Milliseconds to wait before try number `tried` (1 = the first retry): a random time up to base * 2^(tried-1), at most max, at
// least what the provider asked for (`asked_ms`, -1 = nothing). `random` in [0, 1). -1 = do not wait here: the provider asks for
// more than max.
int wait_ms(const Retries& retries, int tried, double random, int asked_ms);

// Bounds retries and hedges to a share of the requests, so that a provider in trouble is not asked three times as much. Thread-safe.
class RetryBudget {
 public:
  // A request came: `share` of a retry is earned. The balance never exceeds kMax.
  void earn(double share);
  // Takes one retry; false when none is left.
  bool take();

 private:
  static constexpr std::int64_t kOne = 1'000;
  static constexpr std::int64_t kMax = 100 * kOne;
  std::atomic<std::int64_t> balance_{10 * kOne};  // so that a quiet gateway may retry at all
};

}  // namespace pb::route
