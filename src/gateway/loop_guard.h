// Against agents that go round in circles: counts how often the same conversation is sent within a minute. Some clients
// repeat a request for ever when an answer misses what they wait for, at the cost of the whole conversation each time.
#pragma once
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "llm/peek.h"

namespace pb::gateway {

// The conversation that a body holds, as a number: the same for every try of it, whatever its stream flag, token limit and
// metadata; another one for another model, caller or wire format. `seed`: LoopGuard::seed().
std::uint64_t fingerprint(std::string_view format, std::string_view caller, const llm::RequestPeek& peek,
                          std::string_view body, std::uint64_t seed);

// One table for all cores; any thread. It holds what was seen within the last minute, up to kEntries conversations, and
// forgets those first that were seen least.
class LoopGuard {
 public:
  static constexpr std::size_t kShards = 64, kSets = 64, kWays = 4;
  static constexpr std::size_t kEntries = kShards * kSets * kWays;

  explicit LoopGuard(std::uint64_t seed);

  struct Loop {
    int sent = 0;            // within the last minute, this time included
    int retry_after_ms = 0;  // until it would be let through, if it is not sent again before
  };
  // Counts one sending at `now_ms` (any clock that does not go back). A value when it is one too many: more than `limit`
  // within 50 to 60 seconds. Those refused count too, so a client that goes on without a pause stays refused.
  std::optional<Loop> count(std::uint64_t print, int limit, std::int64_t now_ms);

  std::uint64_t seed() const { return seed_; }

 private:
  static constexpr int kSteps = 6;  // a minute is counted in steps of ten seconds
  static constexpr std::int64_t kStepMs = 10'000;
  struct Entry {
    std::uint64_t print = 0;
    std::uint32_t step = 0;  // the newest that counts[step % kSteps] is of
    std::array<std::uint16_t, kSteps> counts{};
    int total() const;
    void advance(std::uint32_t to);
  };
  struct alignas(64) Lock {
    std::mutex mutex;
  };
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };
  Entry& find(std::uint64_t print, std::uint32_t step);

  std::uint64_t seed_;
  std::array<Lock, kShards> locks_;
  std::unique_ptr<Entry[], Free> entries_;  // by shard and set; zero pages of the system until they are used
};

// What the client is told: 429, with the option that changes the limit.
Error loop_error(const LoopGuard::Loop& loop, int limit);

}  // namespace pb::gateway
