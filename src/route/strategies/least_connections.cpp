// The fewest requests under way for its weight, this one counted: an idle deployment of weight 2 goes before one of weight 1.
#include <algorithm>

#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  for (Candidate& c : candidates) {
    const Slot& slot = choosing.slot(c);
    const double requests = slot.live->in_flight.load(std::memory_order_relaxed);
    c.score = (requests + 1) / std::max(1, slot.deployment->weight);
    c.key = c.score * (1 + 1e-6 * choosing.dice());  // all cores take the same one otherwise
  }
  sort(candidates);
  return candidates.size();
}

std::string why(const Choosing& choosing, const Candidate& c) {
  return std::to_string(choosing.slot(c).live->in_flight.load(std::memory_order_relaxed)) +
         " requests under way, weight " + std::to_string(choosing.slot(c).deployment->weight);
}

}  // namespace

const StrategyRow kLeastConnections = {Strategy::least_connections, rank, why};

}  // namespace pb::route
