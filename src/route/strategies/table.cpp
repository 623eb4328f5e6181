// The table of strategies, and what several of them need.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "route/strategies/strategy.h"

namespace pb::route {

std::span<const StrategyRow> strategies() {
  static const std::array<StrategyRow, 7> rows = {kPriority,     kWeighted, kRoundRobin, kLeastConnections,
                                                  kResponseTime, kCheapest, kSmart};
  return rows;
}

const StrategyRow& row_of(Strategy strategy) { return strategies()[static_cast<std::size_t>(strategy)]; }

double weight_of(const Slot& slot) {
  return std::max(1, slot.deployment->weight) * std::clamp(slot.left, 0.01, 1.0);
}

double draw(const Choosing& choosing, const Slot& slot) {
  constexpr double kLeast = 1e-12;  // the dice may show 0
  return -std::log(std::max(kLeast, 1 - choosing.dice())) / weight_of(slot);
}

void sort(std::span<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.key != b.key ? a.key < b.key : a.slot < b.slot;
  });
}

std::size_t equals(std::span<const Candidate> candidates, double within) {
  std::size_t n = 1;
  while (n < candidates.size() && std::abs(candidates[n].score - candidates[0].score) <= within) ++n;
  return n;
}

double expected_cost(const Slot& slot, const Facts& facts) {
  if (!slot.price) return -1;
  // Most answers are far shorter than what they may have.
  constexpr std::int64_t kPrompt = 1'000, kAnswer = 500;
  llm::Usage usage;
  usage.input = facts.tokens > 0 ? facts.tokens : kPrompt;
  usage.output = facts.tokens_max > 0 ? std::min(facts.tokens_max, kAnswer) : kAnswer;
  return llm::cost_of(*slot.price, usage);
}

std::string number(double value, int digits) {
  char text[32];
  const auto [end, ec] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits);
  return ec == std::errc() ? std::string(text, end) : std::string("-");
}

}  // namespace pb::route
