#include "base/clock.h"

#include <chrono>
#include <ctime>

namespace pb {
namespace {

template <class Unit, class Clock>
std::int64_t count_now() {
  return std::chrono::duration_cast<Unit>(Clock::now().time_since_epoch()).count();
}

}  // namespace

std::int64_t unix_seconds() { return std::time(nullptr); }
std::int64_t unix_ms() { return count_now<std::chrono::milliseconds, std::chrono::system_clock>(); }
std::int64_t unix_ns() { return count_now<std::chrono::nanoseconds, std::chrono::system_clock>(); }
std::int64_t steady_ms() { return count_now<std::chrono::milliseconds, std::chrono::steady_clock>(); }

}  // namespace pb
