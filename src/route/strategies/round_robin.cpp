// In turn, smoothly by weight: at each choice everyone's balance grows by its weight, the highest is taken and pays what all were given.
// Weights 5, 1, 1 give a a b a c a a instead of five in a row.
#include <algorithm>

#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  std::int64_t total = 0;
  for (Candidate& c : candidates) {
    const Slot& slot = choosing.slot(c);
    const std::int64_t weight = std::max(1, slot.deployment->weight);
    total += weight;
    std::atomic<std::int64_t>& turn = slot.live->turn;
    const std::int64_t balance = choosing.first ? turn.fetch_add(weight, std::memory_order_relaxed)
                                                : turn.load(std::memory_order_relaxed);
    c.score = static_cast<double>(balance + weight);
    c.key = -c.score;
  }
  sort(candidates);
  if (choosing.first)
    choosing.slot(candidates.front()).live->turn.fetch_sub(total, std::memory_order_relaxed);
  return candidates.size();
}

std::string why(const Choosing&, const Candidate& c) { return "in turn, balance " + number(c.score, 0); }

}  // namespace

const StrategyRow kRoundRobin = {Strategy::round_robin, rank, why};

}  // namespace pb::route
