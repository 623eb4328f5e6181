// How good an answer is: by plain rules, or by what a judge model says of it. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pb::tools::bench {

// Rules that anybody can check. They say whether an answer is whole, keeps to the question's words and does not repeat itself; whether
// it is true they cannot say.
struct Heuristics {
  double completeness = 0, relevance = 0, coherence = 0;  // 0 to 1 each
  double quality() const { return 0.4 * completeness + 0.4 * relevance + 0.2 * coherence; }
};
Heuristics look_at(std::string_view prompt, std::string_view answer, std::string_view finish_reason);
bool contains_code(std::string_view answer);
std::string grades_json(const Heuristics& h);
// For people: what the rules are.
extern const std::string_view kHeuristicsNote;

// A judge's grades for one answer, 0 to 10 each.
struct Verdict {
  double correctness = 0, completeness = 0, relevance = 0, clarity = 0;
  std::string reason;
  double quality() const {
    return (0.4 * correctness + 0.2 * completeness + 0.2 * relevance + 0.2 * clarity) / 10;
  }
};
std::string grades_json(const Verdict& v);
extern const std::string_view kRubricNote;

// 0 … n-1 in an order that nobody can foresee without the seed.
std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed);
// The label of the answer at a place: "A", "B", … up to 26.
std::string label(std::size_t place);
// Messages for the judge, as of OpenAI's chat format: the rubric, the question and the answers by label. Nothing tells whose an answer
// is. Answers are cut to a limit.
std::string judge_messages(std::string_view prompt, std::span<const std::string_view> answers);
// Further members of that request: the schema of its answer.
std::string judge_format(std::size_t answers);
// What the judge said, in the labels' order. Error{bad_upstream}: no such JSON, a label missing, a grade out of range.
Result<std::vector<Verdict>> read_verdicts(std::string_view text, std::size_t answers);

}  // namespace pb::tools::bench
