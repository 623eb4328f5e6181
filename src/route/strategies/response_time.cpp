// The shorter expected wait of two taken by chance. Two, because with the shortest of all every core would run to the same deployment
// until its figures change; that one would then be the slowest.
#include <algorithm>

#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

// Milliseconds to the first token, times the requests that are there. One of which nothing is known is tried first, by one
// request at a time; further ones take it for as slow as `slowest`.
double wait_of(const Slot& slot, double slowest, std::int64_t now_ms) {
  const Live& live = *slot.live;
  const int requests = live.in_flight.load(std::memory_order_relaxed);
  if (live.first_token_ms.known()) return live.first_token_ms.faded(now_ms) * (requests + 1);
  return requests == 0 ? 0 : slowest * (requests + 1);
}

std::size_t below(double dice, std::size_t n) {
  return std::min(n - 1, static_cast<std::size_t>(dice * static_cast<double>(n)));
}

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  double slowest = 1'000;
  for (const Candidate& c : candidates)
    slowest = std::max(slowest, choosing.slot(c).live->first_token_ms.faded(choosing.now_ms));
  for (Candidate& c : candidates) c.key = c.score = wait_of(choosing.slot(c), slowest, choosing.now_ms);
  sort(candidates);
  const std::size_t n = candidates.size();
  if (n > 2) {
    const std::size_t one = below(choosing.dice(), n);
    std::size_t other = below(choosing.dice(), n - 1);
    if (other >= one) ++other;
    const auto better = candidates.begin() + static_cast<std::ptrdiff_t>(std::min(one, other));
    std::rotate(candidates.begin(), better, better + 1);
  }
  return n;
}

std::string why(const Choosing& choosing, const Candidate& c) {
  const Live& live = *choosing.slot(c).live;
  if (!live.first_token_ms.known()) return "not measured yet";
  return number(live.first_token_ms.faded(choosing.now_ms), 0) + " ms to the first token, " +
         std::to_string(live.in_flight.load(std::memory_order_relaxed)) + " under way";
}

}  // namespace

const StrategyRow kResponseTime = {Strategy::response_time, rank, why};

}  // namespace pb::route
