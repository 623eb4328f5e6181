#include "route/retry.h"

#include <algorithm>

namespace pb::route {

int wait_ms(const Retries& retries, int tried, double random, int asked_ms) {
  if (asked_ms > retries.max_ms) return -1;
  const std::int64_t ceiling =
      std::min<std::int64_t>(retries.max_ms, std::int64_t{retries.base_ms} << std::clamp(tried - 1, 0, 20));
  const int wait = static_cast<int>(random * static_cast<double>(ceiling));
  // Those who were told one time come back spread over some more of it.
  return asked_ms < 0 ? wait : asked_ms + std::min(wait, std::max(asked_ms / 4, retries.base_ms));
}

void RetryBudget::earn(double share) {
  const auto part = static_cast<std::int64_t>(share * static_cast<double>(kOne));
  if (balance_.load(std::memory_order_relaxed) >= kMax) return;
  balance_.fetch_add(part, std::memory_order_relaxed);
}

bool RetryBudget::take() {
  std::int64_t now = balance_.load(std::memory_order_relaxed);
  while (now >= kOne)
    if (balance_.compare_exchange_weak(now, now - kOne, std::memory_order_relaxed)) return true;
  return false;
}

}  // namespace pb::route
