#include "route/breaker.h"

#include <algorithm>

namespace pb::route {

Breaker::State Breaker::state(std::int64_t now_ms) const {
  const std::int64_t until = until_.load(std::memory_order_acquire);
  if (until == 0) return State::closed;
  if (now_ms < until) return State::open;
  const std::int64_t probe = probe_.load(std::memory_order_relaxed);
  return probe != 0 && now_ms < probe + kProbeMs ? State::open : State::half_open;
}

bool Breaker::admit(std::int64_t now_ms, bool& probe) {
  probe = false;
  const std::int64_t until = until_.load(std::memory_order_acquire);
  if (until == 0) return true;
  if (now_ms < until) return false;
  std::int64_t last = probe_.load(std::memory_order_relaxed);
  if (last != 0 && now_ms < last + kProbeMs) return false;
  probe = probe_.compare_exchange_strong(last, std::max<std::int64_t>(now_ms, 1));
  return probe;
}

void Breaker::succeeded(std::int64_t now_ms) {
  // Looked at first: most requests find everything as it should be and write nothing.
  if (row_.load(std::memory_order_relaxed) != 0) row_.store(0, std::memory_order_relaxed);
  if (until_.load(std::memory_order_relaxed) == 0) return;
  since_.store(now_ms, std::memory_order_relaxed);
  opened_.store(0, std::memory_order_relaxed);
  probe_.store(0, std::memory_order_relaxed);
  adopted_.store(false, std::memory_order_relaxed);
  until_.store(0, std::memory_order_release);
}

void Breaker::adopt(std::int64_t now_ms, std::int64_t until_ms) {
  constexpr std::int64_t kSlackMs = 500;  // what is told again and again differs a little
  std::int64_t until = until_.load(std::memory_order_relaxed);
  if (until != 0 && (!adopted() || until_ms < until + kSlackMs)) return;
  adopted_.store(true, std::memory_order_relaxed);
  if (until == 0) since_.store(now_ms, std::memory_order_relaxed);
  probe_.store(0, std::memory_order_relaxed);
  until_.compare_exchange_strong(until, until_ms);
}

void Breaker::failed(const BreakerOptions& options, std::int64_t now_ms, bool at_once, int at_least_ms) {
  const int row = row_.fetch_add(1, std::memory_order_relaxed) + 1;
  const bool was_open = until_.load(std::memory_order_relaxed) != 0;
  if (options.failures == 0) return;
  if (!at_once && !was_open && row < options.failures) return;
  if (was_open && now_ms < until_.load(std::memory_order_relaxed) && at_least_ms <= 0) return;  // a straggler
  adopted_.store(false, std::memory_order_relaxed);
  const int times = std::min(opened_.fetch_add(1, std::memory_order_relaxed), 20);
  const std::int64_t wait =
      std::min<std::int64_t>(options.open_max_ms, std::int64_t{options.open_ms} << times);
  const std::int64_t until = now_ms + std::max<std::int64_t>(wait, at_least_ms);
  if (!was_open) since_.store(now_ms, std::memory_order_relaxed);
  probe_.store(0, std::memory_order_relaxed);
  until_.store(std::max<std::int64_t>({until, until_.load(std::memory_order_relaxed), 1}),
               std::memory_order_release);
}

void Breaker::withdraw() { probe_.store(0, std::memory_order_relaxed); }

void Breaker::reset(std::int64_t now_ms) {
  if (until_.load(std::memory_order_relaxed) != 0) since_.store(now_ms, std::memory_order_relaxed);
  row_.store(0, std::memory_order_relaxed);
  opened_.store(0, std::memory_order_relaxed);
  probe_.store(0, std::memory_order_relaxed);
  adopted_.store(false, std::memory_order_relaxed);
  until_.store(0, std::memory_order_release);
}

}  // namespace pb::route
