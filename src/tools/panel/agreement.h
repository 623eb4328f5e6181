// From several answers to one: which of them agree, how far, and whose answer is told. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/similarity.h"

namespace pb::tools::panel {

enum class Strategy : std::uint8_t {
  majority_vote,         // the largest group of answers that agree
  weighted_average,      // … by weight and confidence; of numbers, their weighted mean
  confidence_threshold,  // … among those that are sure enough
  semantic_similarity,   // the answer that is most like all others
  expert_selection,      // the answer of the model with the greatest weight
};
inline constexpr std::array<std::string_view, 5> kStrategyNames = {
    "majority_vote", "weighted_average", "confidence_threshold", "semantic_similarity", "expert_selection"};

// By the share of answers in the largest group.
enum class Level : std::uint8_t { unanimous, high, moderate, low, none };
std::string_view name_of(Level level);
// `largest` of `all` answers agree: all, four in five, three in five, two in five; less, or nobody with anybody else, is none.
Level level_of(std::size_t largest, std::size_t all);

struct Vote {
  Said said;
  double weight = 1;  // of the model, above 0
};

struct Rules {
  Strategy strategy = Strategy::majority_vote;
  double alike = 0.6;      // from which two answers agree
  double confident = 0.7;  // for confidence_threshold
};

struct Consensus {
  std::vector<std::vector<std::size_t>>
      groups;                  // of votes that agree; the largest first, its clearest answer first
  std::size_t speaker = 0;     // the vote whose answer is told
  std::optional<double> mean;  // weighted_average of numbers: told instead
  bool reached = true;         // the strategy's own condition held; else the answer is the best there is
  bool tie = false;            // another group is as strong
  Level level = Level::none;
  double confidence = 0;  // 0 … 1; what it is made of stands in `why`
  std::string why;        // for people
};

// Groups of votes that agree on average (average linkage): the largest first.
std::vector<std::vector<std::size_t>> group(const Matrix& alike, double at);
// At least one vote.
Consensus decide(std::span<const Vote> votes, const Matrix& alike, const Rules& rules);
// The same with groups that somebody else has made, such as a judge.
Consensus decide(std::span<const Vote> votes, const Matrix& alike,
                 std::vector<std::vector<std::size_t>> groups, const Rules& rules);

}  // namespace pb::tools::panel
