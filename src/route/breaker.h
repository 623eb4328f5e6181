// A circuit breaker: after some failures in a row a deployment is left alone for a while, then one request tries it. Thread-safe;
// times are passed in.
#pragma once
#include <atomic>
#include <cstdint>

namespace pb::route {

struct BreakerOptions {
  int failures = 5;      // in a row that open it; 0 = never
  int open_ms = 10'000;  // first time it stays open; doubles while probes fail
  int open_max_ms = 300'000;
};

class Breaker {
 public:
  enum class State : std::uint8_t { closed, half_open, open };

  State state(std::int64_t now_ms) const;
  // When it will let a probe through; 0 when it is not open.
  std::int64_t open_until_ms() const { return until_.load(std::memory_order_relaxed); }
  // When it last opened, or closed; 0 = it has never opened.
  std::int64_t since_ms() const { return since_.load(std::memory_order_relaxed); }
  // Whether a request may be sent. A half-open one lets a single request through, until that one has told how it went or `kProbeMs`
  // have passed. `probe` tells whether it is that one.
  bool admit(std::int64_t now_ms, bool& probe);
  void succeeded(std::int64_t now_ms);
  // `now`: opens at once. `at_least_ms`: what the provider asked for (Retry-After), -1 = nothing.
  void failed(const BreakerOptions& options, std::int64_t now_ms, bool at_once, int at_least_ms);
  // A probe that told nothing about the deployment (the client's fault, or it went away).
  void withdraw();
  void reset(std::int64_t now_ms);  // by hand
  // Another replica's is open until then: so is this one, if it is closed. One that was opened so tells nobody else.
  void adopt(std::int64_t now_ms, std::int64_t until_ms);
  bool adopted() const { return adopted_.load(std::memory_order_relaxed); }

  static constexpr std::int64_t kProbeMs = 60'000;

 private:
  std::atomic<int> row_{0};             // failures in a row
  std::atomic<int> opened_{0};          // times it opened in a row
  std::atomic<std::int64_t> until_{0};  // 0 = closed; else half-open from then on
  std::atomic<std::int64_t> since_{0};  // told to people
  std::atomic<std::int64_t> probe_{0};  // when the probe left; 0 = none under way
  std::atomic<bool> adopted_{false};
};

}  // namespace pb::route
