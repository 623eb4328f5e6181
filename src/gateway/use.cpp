#include "gateway/use.h"

namespace pb::gateway {

Use::Use(route::Live& live, bool probe) : live_(live), probe_(probe) {
  live_.in_flight.fetch_add(1, std::memory_order_relaxed);
}

Use::~Use() {
  live_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (!told_ && probe_) live_.breaker.withdraw();
}

void Use::answered(const Record& record, const route::BreakerOptions& options, std::int64_t began_ms,
                   std::int64_t now_ms) {
  if (!record.ok()) return failed(route::Fault::transient, Error(), options, now_ms);
  told_ = true;
  live_.answered.fetch_add(1, std::memory_order_relaxed);
  live_.ended.add(now_ms);
  live_.breaker.succeeded(now_ms);
  live_.success.add(1, now_ms);
  const std::int64_t first = record.first_token_ms();
  const auto wait = static_cast<double>((first >= began_ms ? first : now_ms) - began_ms);
  live_.first_token_ms.add(wait, now_ms);
  live_.first_tokens_ms.add(static_cast<float>(wait));
  if (first >= began_ms && record.usage.known && now_ms > first)
    live_.tokens_per_second.add(
        static_cast<double>(record.usage.output) * 1000 / static_cast<double>(now_ms - first), now_ms);
}

void Use::failed(route::Fault fault, const Error& error, const route::BreakerOptions& options,
                 std::int64_t now_ms) {
  const route::Action& action = route::action(fault);
  if (action.cools) {
    constexpr int kUnknownMs = 5'000;
    const int wait = error.retry_after_ms >= 0 ? error.retry_after_ms : kUnknownMs;
    live_.cool_until_ms.store(now_ms + wait, std::memory_order_relaxed);
  }
  if (!action.counts) return;
  told_ = true;
  live_.failed.fetch_add(1, std::memory_order_relaxed);
  live_.ended.add(now_ms);
  live_.lost.add(now_ms);
  live_.success.add(0, now_ms);
  live_.breaker.failed(options, now_ms, false, error.retry_after_ms);
}

}  // namespace pb::gateway
