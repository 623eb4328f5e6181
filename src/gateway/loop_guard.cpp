#include "gateway/loop_guard.h"

#include <algorithm>
#include <limits>
#include <new>
#include <numeric>

#include "base/hash.h"

namespace pb::gateway {
namespace {

// What stands around a range that was left out must not count: the last member has no comma after it.
std::string_view without_commas(std::string_view text) {
  constexpr std::string_view kBetween = ", \t\r\n";
  const std::size_t first = text.find_first_not_of(kBetween);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBetween) - first + 1);
}

}  // namespace

std::uint64_t fingerprint(std::string_view format, std::string_view caller, const llm::RequestPeek& peek,
                          std::string_view body, std::uint64_t seed) {
  Hash64 hash(hash64(peek.model, hash64(caller, hash64(format, seed))));
  const std::size_t end = std::min(peek.object_end, body.size());
  std::size_t from = std::min(body.find('{'), end) + 1;
  auto add = [&](std::size_t to) {
    const std::string_view part = without_commas(body.substr(from, to - from));
    hash.add(part);
    if (!part.empty()) hash.add(",");
  };
  for (const llm::ByteRange& r : peek.varying.all()) {
    if (r.begin < from || r.end > end) continue;
    add(r.begin);
    from = r.end;
  }
  if (from < end) add(end);
  return hash.value();
}

int LoopGuard::Entry::total() const { return std::accumulate(counts.begin(), counts.end(), 0); }

// Steps that have passed without a sending are empty; those of more than a minute ago are forgotten.
void LoopGuard::Entry::advance(std::uint32_t to) {
  for (std::uint32_t i = 0; i < kSteps && step + i < to; ++i) counts[(step + 1 + i) % kSteps] = 0;
  step = std::max(step, to);
}

LoopGuard::LoopGuard(std::uint64_t seed)
    : seed_(seed), entries_(static_cast<Entry*>(std::calloc(kEntries, sizeof(Entry)))) {
  if (!entries_) throw std::bad_alloc();
}

// The entry of that conversation, or the place of one that can be spared: of those in the same set the least seen, and of
// these the one seen longest ago.
LoopGuard::Entry& LoopGuard::find(std::uint64_t print, std::uint32_t step) {
  Entry* set = &entries_[(print % kShards * kSets + (print >> 8) % kSets) * kWays];
  Entry* spare = set;
  int spare_total = std::numeric_limits<int>::max();
  for (Entry* e = set; e != set + kWays; ++e) {
    e->advance(step);
    if (e->print == print) return *e;
    const int total = e->total();
    if (total < spare_total) {
      spare = e;
      spare_total = total;
    }
  }
  *spare = Entry{.print = print, .step = step, .counts = {}};
  return *spare;
}

std::optional<LoopGuard::Loop> LoopGuard::count(std::uint64_t print, int limit, std::int64_t now_ms) {
  const auto step = static_cast<std::uint32_t>(now_ms / kStepMs);
  const std::lock_guard lock(locks_[print % kShards].mutex);
  Entry& e = find(print, step);
  std::uint16_t& now = e.counts[e.step % kSteps];
  if (now < std::numeric_limits<std::uint16_t>::max()) ++now;
  Loop loop{.sent = e.total(), .retry_after_ms = 0};
  if (loop.sent <= limit) return std::nullopt;
  // The oldest steps fall out of the minute one after the other until there is room again.
  int left = loop.sent;
  std::uint32_t out = 0;
  while (out < kSteps && left >= limit) left -= e.counts[(e.step + 1 + out++) % kSteps];
  loop.retry_after_ms = static_cast<int>(std::max<std::int64_t>((e.step + out) * kStepMs - now_ms, 1));
  return loop;
}

Error loop_error(const LoopGuard::Loop& loop, int limit) {
  Error e;
  e.code = Code::rate_limited;
  e.provider_code = "loop_detected";
  e.retry_after_ms = loop.retry_after_ms;
  e.message =
      "this conversation was sent " + std::to_string(loop.sent) +
      " times within a minute without any change, so the agent seems to be going round in circles: it is "
      "refused until it goes on or pauses. The option server.loop_guard sets how often is too often (now " +
      std::to_string(limit) + " times a minute; 0 switches this off)";
  return e;
}

}  // namespace pb::gateway
