// The lowest price for this request's estimate; those of unknown price last, by weight among equals.
#include "route/strategies/strategy.h"

namespace pb::route {
namespace {

constexpr double kUnknown = 1e9;  // dollars
constexpr double kEqual = 1e-9;

std::size_t rank(Choosing& choosing, std::span<Candidate> candidates) {
  for (Candidate& c : candidates) {
    const Slot& slot = choosing.slot(c);
    c.score = expected_cost(slot, choosing.facts);
    const double drawn = draw(choosing, slot);
    c.key = (c.score < 0 ? kUnknown : c.score) + kEqual * drawn / (1 + drawn);
  }
  sort(candidates);
  return equals(candidates, kEqual);
}

std::string why(const Choosing&, const Candidate& c) {
  return c.score < 0 ? "price not known" : "about $" + number(c.score, 5);
}

}  // namespace

const StrategyRow kCheapest = {Strategy::cheapest, rank, why};

}  // namespace pb::route
