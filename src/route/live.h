// What is known of every deployment while the program runs: load, speed, success, circuit breaker, health. Shared by all cores
// and kept across reloads of the configuration; everything is thread-safe. Times are passed in.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "route/breaker.h"
#include "route/limiter.h"
#include "route/retry.h"

namespace pb::route {

// A mean that forgets with time; `peak`: a higher value is taken over at once and forgotten slowly (peak EWMA).
class Ewma {
 public:
  explicit Ewma(double half_life_s, bool peak = false) : half_life_s_(half_life_s), peak_(peak) {}
  void add(double value, std::int64_t now_ms);
  double value() const { return value_.load(std::memory_order_relaxed); }
  // The value as it fades while nothing is added: what was slow long ago is worth another try.
  double faded(std::int64_t now_ms) const;
  bool known() const { return at_.load(std::memory_order_relaxed) != 0; }

 private:
  double half_life_s_;
  bool peak_;
  std::atomic<double> value_{0};
  std::atomic<std::int64_t> at_{0};  // 0 = nothing yet
};

// The newest 128 values, for percentiles.
class Window {
 public:
  void add(float value);
  // Nearest-rank percentile (0…1); a negative number while fewer than 20 values are known.
  double percentile(double p) const;

 private:
  static constexpr std::size_t kSize = 128;
  std::array<std::atomic<float>, kSize> values_{};
  std::atomic<std::size_t> count_{0};
};

// How often something happened within the last seconds, up to sixty. Threads may add at the same time; as a second begins, one
// of them may be lost, which a figure for people can bear.
class RateWindow {
 public:
  void add(std::int64_t now_ms);
  // Within the last `seconds`, of which the newest is under way.
  std::int64_t sum(std::int64_t now_ms, int seconds = 60) const;

 private:
  static constexpr std::uint64_t kSlots = 64;
  std::array<std::atomic<std::uint64_t>, kSlots>
      slots_{};  // the second in the upper half, the count in the lower
};

struct Live {
  explicit Live(std::string name)
      : name(std::move(name)), limiter(std::make_shared<Limiter>(Subject::deployment, this->name)) {}
  const std::string name;                  // "provider/model"
  const std::shared_ptr<Limiter> limiter;  // of what routes send there; without limits it counts nothing
  std::atomic<int> in_flight{0};
  std::atomic<std::uint64_t> answered{0}, failed{0};
  RateWindow ended, lost;         // requests that it answered or failed, and those that it failed
  Ewma first_token_ms{10, true};  // or the time to the whole answer, of requests that are not streamed
  Window first_tokens_ms;
  Ewma tokens_per_second{60};
  Ewma success{60};  // 1 = every request is answered
  Breaker breaker;
  std::atomic<bool> drained{false};            // taken out by hand: Board::drain()
  std::atomic<bool> unhealthy{false};          // by active checks
  std::atomic<std::int64_t> checked_ms{0};     // when the last of these ended; 0 = there was none
  std::atomic<std::int64_t> cool_until_ms{0};  // rate limited: others are preferred until then
  std::atomic<std::int64_t> turn{0};           // smooth weighted round-robin's balance

  // Whether requests may be sent to it now (a probe of a half-open breaker aside).
  bool usable(std::int64_t now_ms) const {
    return !drained.load(std::memory_order_relaxed) && !unhealthy.load(std::memory_order_relaxed) &&
           breaker.state(now_ms) != Breaker::State::open;
  }
};

// All deployments that were ever named. Entries are never removed, so pointers stay.
class Board {
 public:
  // Made at first use. `name`: "provider/model".
  Live& of(std::string_view name);
  Live* find(std::string_view name) const;  // null when it was never named
  // Sends no new requests there, or does so again.
  void drain(Live& live, bool drained);
  // Cheap while nothing is drained, which is nearly always.
  bool any_drained() const { return drained_.load(std::memory_order_relaxed) > 0; }
  std::vector<const Live*> all() const;  // by name
  RetryBudget budget;                    // of retries
  RetryBudget hedges;                    // of second attempts beside the first

 private:
  std::atomic<int> drained_{0};
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Live>, std::less<>> entries_;
};

}  // namespace pb::route
