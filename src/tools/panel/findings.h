// Reviews of one text by several models, made into one judgement: the same issue found by several is one issue. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/json_reply.h"

namespace pb::tools::panel {

enum class Severity : std::uint8_t { critical, high, medium, low, info };
inline constexpr std::array<std::string_view, 5> kSeverityNames = {"critical", "high", "medium", "low",
                                                                   "info"};

struct Criterion {
  std::string_view name, asks;
};
std::span<const Criterion>
criteria();  // those that have a meaning of their own; any other text is a criterion, too

enum class Validation : std::uint8_t {
  peer_review,        // each reviews by itself; all issues count
  adversarial,        // each looks for what breaks it; then the others say of every issue whether it is real
  consensus_check,    // only issues that two reviewers found by themselves count
  fact_check,         // statements of fact only
  quality_assurance,  // as before a release: fit for its purpose
  bias_detection,     // one-sidedness, loaded words, what is left out
};
inline constexpr std::array<std::string_view, 6> kValidationNames = {
    "peer_review", "adversarial", "consensus_check", "fact_check", "quality_assurance", "bias_detection"};

struct Issue {
  std::string criterion;
  Severity severity = Severity::info;
  std::string description, suggestion;
  double confidence = 0;        // 0 … 1; of several finders, that at least one of them is right
  std::vector<std::size_t> by;  // reviewers
  int real = 0, unreal = 0;     // votes of the others (adversarial)
  std::string why_rejected = {};
};
struct Scored {
  double score = 0;  // 0 … 1
  std::string reason;
};
struct Review {
  std::vector<Scored> scores;  // in the order of the criteria
  std::vector<Issue> issues;
  std::string summary;
  double mean() const;
};

// Each criterion has one score.
Shape review_shape(std::span<const std::string> criteria);
Review read_review(json::Value reply, std::span<const std::string> criteria, std::size_t reviewer);
struct Matter {
  std::string content, context, reference;  // what is reviewed; what it is for; what is known to be right
};
std::string review_prompt(Validation how, const Matter& matter, std::span<const std::string> criteria);

// Issues of all reviews; those of one criterion that say the same are one, with the graver severity. The gravest first, then those
// that more have found.
std::vector<Issue> merged(std::span<const Review> reviews);

// Of the issues, whether each is real, by its number; for adversarial's second round.
Shape votes_shape(std::size_t issues);
std::string votes_prompt(const Matter& matter, std::span<const Issue> issues);
// Reviewers have no vote on what they have found themselves.
void count_votes(json::Value reply, std::size_t reviewer, std::vector<Issue>& issues);

struct Judgement {
  bool valid = false;
  double score = 0;                     // the mean of the reviewers' means
  double spread = 0;                    // the standard deviation of these
  std::vector<Scored> by_criterion;     // means
  std::vector<Issue> issues, rejected;  // what counts, and what the strategy has thrown out
  std::string why;
};
// VALID: the score is `threshold` or more, and no critical issue stands that half of the reviewers found or confirmed. At least one
// review.
Judgement judge(std::span<const Review> reviews, std::vector<Issue> issues, Validation how, double threshold);

}  // namespace pb::tools::panel
