// How much happened within the last sixty seconds. It slides second by second, so no burst at the edge of a minute passes
// twice: in no sixty seconds is there ever more than the limit. Not thread-safe.
#pragma once
#include <array>
#include <cstdint>

namespace pb::route {

class MinuteWindow {
 public:
  // Forgets what is over, as of that moment. Time that runs backwards stands still.
  void advance(std::int64_t now_ms);
  std::int64_t sum() const { return sum_; }
  void add(std::int64_t amount) { change(newest_, amount); }
  // Changes what was counted at that second (of the steady clock); nothing when it is forgotten.
  void change(std::int64_t second, std::int64_t by);
  std::int64_t second() const { return newest_; }
  // What was counted at that second; 0 when it is forgotten.
  std::int64_t at(std::int64_t second) const {
    return second <= newest_ && newest_ - second < kSlots && second >= 0 ? slots_[slot(second)] : 0;
  }
  // Milliseconds until the sum is at most `most`, if nothing more comes; 0 = it is.
  std::int64_t until(std::int64_t most, std::int64_t now_ms) const;

 private:
  static constexpr std::int64_t kSlots = 61;  // sixty whole seconds and the one that is under way
  static std::size_t slot(std::int64_t second) { return static_cast<std::size_t>(second % kSlots); }
  std::array<std::int64_t, kSlots> slots_{};
  std::int64_t sum_ = 0;
  std::int64_t newest_ = 0;
};

}  // namespace pb::route
