#include "base/utf8.h"
#include "tools/panel/solving.h"

namespace pb::tools::panel {
namespace {

constexpr std::size_t kSolutionBytes = 60'000;

void quote(std::string& out, std::string_view tag, std::string_view text) {
  out.append("<")
      .append(tag)
      .append(">\n")
      .append(utf8::cut(text, kSolutionBytes))
      .append("\n</")
      .append(tag)
      .append(">\n");
}

void list(std::string& text, std::string_view title, const std::vector<std::string>& sentences) {
  if (sentences.empty()) return;
  text.append("\n\n").append(title).append(":");
  for (const std::string& s : sentences) text.append("\n- ").append(s);
}

}  // namespace

Way way_for(const route::Task& task, std::size_t members, std::string& why) {
  constexpr double kEasy = 0.33, kHard = 0.6;  // as the router names them
  const std::string looks = "the problem looks " + std::string(route::name_of_difficulty(task.difficulty));
  if (members < 2) {
    why = "there is one model only";
    return Way::iterative;
  }
  if (task.difficulty < kEasy) {
    why = looks + ": one draft and a review will do";
    return Way::iterative;
  }
  if (task.difficulty < kHard) {
    why = looks + ": several proposals, and the best of each";
    return Way::parallel;
  }
  why = looks + ": it is taken apart";
  return Way::hierarchical;
}

Problem problem_of(std::string_view problem, json::Value requirements, json::Value constraints) {
  Problem out{std::string(problem), sentences_of(requirements)};
  list(out.text, "Requirements", out.requirements);
  const std::vector<std::string> limits = sentences_of(constraints);
  list(out.text, "Constraints", limits);
  out.requirements.insert(out.requirements.end(), limits.begin(), limits.end());
  return out;
}

std::string improve_prompt(const Problem& problem, std::string_view solution) {
  std::string out =
      "Better this solution of somebody else: keep what is good, mend what is wrong, add what is missing. "
      "Reply with the whole "
      "new solution and nothing about it.\n\n";
  quote(out, "problem", problem.text);
  quote(out, "solution", solution);
  return out;
}

std::string merge_prompt(const Problem& problem, std::span<const Solution> proposals) {
  std::string out =
      "Several experts have each proposed a solution. Make one of them that has the best of each; where they "
      "contradict one "
      "another, decide. Reply with the whole solution and nothing about it.\n\n";
  quote(out, "problem", problem.text);
  for (const Solution& p : proposals) quote(out, "proposal", p.text);
  return out;
}

std::string revise_prompt(const Problem& problem, std::string_view solution, const Opinions& opinions) {
  std::string out =
      "Reviewers have found problems with this solution. Revise it: mend what they are right about. Reply "
      "with the whole new "
      "solution and nothing about it.\n\n";
  quote(out, "problem", problem.text);
  quote(out, "solution", solution);
  for (const Opinion& o : opinions.told) {
    std::string said;
    for (const std::string& p : o.assessment.problems) said += "- Problem: " + p + "\n";
    for (const std::string& i : o.assessment.improvements) said += "- To do: " + i + "\n";
    for (std::size_t r = 0; r < o.assessment.requirements.size() && r < problem.requirements.size(); ++r)
      if (!o.assessment.requirements[r].met)
        said += "- Not met: " + problem.requirements[r] + " (" + o.assessment.requirements[r].why + ")\n";
    if (!said.empty()) quote(out, "review", said);
  }
  return out;
}

}  // namespace pb::tools::panel
