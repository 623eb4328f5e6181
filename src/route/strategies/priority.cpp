// The lowest priority number that is usable; by weight among equals.
#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  for (Candidate& c : candidates) {
    c.score = choosing.slot(c).deployment->priority;
    const double drawn = draw(choosing, choosing.slot(c));
    c.key = c.score + drawn / (1 + drawn);  // the draw squeezed into 0…1: it decides among equals only
  }
  sort(candidates);
  return equals(candidates, 0);
}

std::string why(const Choosing&, const Candidate& c) { return "priority " + number(c.score, 0); }

}  // namespace

const StrategyRow kPriority = {Strategy::priority, rank, why};

}  // namespace pb::route
