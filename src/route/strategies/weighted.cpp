// By chance, in proportion to the weights.
#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  double total = 0;
  for (const Candidate& c : candidates) total += weight_of(choosing.slot(c));
  for (Candidate& c : candidates) {
    c.score = weight_of(choosing.slot(c)) / total;
    c.key = draw(choosing, choosing.slot(c));
  }
  sort(candidates);
  return candidates.size();
}

std::string why(const Choosing&, const Candidate& c) { return number(100 * c.score, 0) + " % of the draws"; }

}  // namespace

const StrategyRow kWeighted = {Strategy::weighted, rank, why};

}  // namespace pb::route
