#include "tools/panel/plan.h"

#include <algorithm>
#include <map>

#include "base/utf8.h"
#include "tools/panel/ranking.h"
#include "tools/panel/words.h"

namespace pb::tools::panel {
namespace {

constexpr double kSpread = 0.05;              // of a score, for each subtask that a member has already
constexpr std::size_t kResultBytes = 20'000;  // of one result that is handed on

// Kahn's: what is left in a circle never becomes ready.
std::vector<std::vector<std::size_t>> waves_of(const std::vector<std::vector<std::size_t>>& after) {
  std::vector<std::vector<std::size_t>> out;
  std::vector<bool> done(after.size(), false);
  for (;;) {
    std::vector<std::size_t> wave;
    for (std::size_t i = 0; i < after.size(); ++i)
      if (!done[i] && std::ranges::all_of(after[i], [&](std::size_t a) { return done[a]; }))
        wave.push_back(i);
    if (wave.empty()) return out;
    for (const std::size_t i : wave) done[i] = true;
    out.push_back(std::move(wave));
  }
}

void quote(std::string& out, std::string_view tag, std::string_view name, std::string_view text) {
  out.append("<").append(tag);
  if (!name.empty()) out.append(" id=\"").append(name).append("\"");
  out.append(">\n").append(utf8::cut(text, kResultBytes)).append("\n</").append(tag).append(">\n");
}

}  // namespace

std::string plan_fault(json::Value reply) {
  std::map<std::string_view, std::size_t> ids;
  const json::Value list = reply["subtasks"];
  for (std::size_t i = 0; i < list.size(); ++i)
    if (!ids.emplace(list.at(i)["id"].as_string(), i).second)
      return "`subtasks[" + std::to_string(i) + "].id` is there twice";
  std::vector<std::vector<std::size_t>> after(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    for (const json::Value on : list.at(i)["depends_on"].items()) {
      const auto found = ids.find(on.as_string());
      if (found == ids.end() || found->second == i)
        return "`subtasks[" + std::to_string(i) + "].depends_on` must name other subtasks, got `" +
               utf8::cut(on.as_string(), 100) + "`";
      after[i].push_back(found->second);
    }
  std::size_t done = 0;
  for (const auto& wave : waves_of(after)) done += wave.size();
  return done == list.size() ? "" : "the subtasks wait for one another in a circle";
}

Shape plan_shape(std::size_t subtasks_max) {
  return {"plan",
          R"({"type":"object","properties":{"subtasks":{"type":"array","minItems":1,"maxItems":)" +
              std::to_string(subtasks_max) +
              R"(,"items":{"type":"object","properties":{
              "id":{"type":"string","minLength":1,"maxLength":40},"task":{"type":"string","minLength":1},
              "kind":{"type":"string","enum":[)" +
              std::string(kTaskTypes) + R"(]},
              "depends_on":{"type":"array","items":{"type":"string"}}},
              "required":["id","task","kind","depends_on"],"additionalProperties":false}}},
            "required":["subtasks"],"additionalProperties":false})",
          plan_fault};
}

std::vector<Subtask> read_plan(json::Value reply) {
  std::vector<Subtask> plan;
  const json::Value list = reply["subtasks"];
  for (const json::Value item : list.items())
    plan.push_back({std::string(item["id"].as_string()),
                    std::string(item["task"].as_string()),
                    std::string(item["kind"].as_string()),
                    {}});
  for (std::size_t i = 0; i < plan.size(); ++i)
    for (const json::Value on : list.at(i)["depends_on"].items())
      for (std::size_t j = 0; j < plan.size(); ++j)
        if (plan[j].id == on.as_string() && std::ranges::find(plan[i].after, j) == plan[i].after.end())
          plan[i].after.push_back(j);
  return plan;
}

std::vector<std::vector<std::size_t>> waves(std::span<const Subtask> plan) {
  std::vector<std::vector<std::size_t>> after;
  after.reserve(plan.size());
  for (const Subtask& s : plan) after.push_back(s.after);
  return waves_of(after);
}

std::vector<std::size_t> assign(const std::vector<std::vector<double>>& scores) {
  std::vector<std::size_t> out;
  std::vector<int> has;
  for (const std::vector<double>& of : scores) {
    has.resize(of.size(), 0);
    std::size_t best = 0;
    const auto value = [&](std::size_t m) { return of[m] - kSpread * has[m]; };
    for (std::size_t m = 1; m < of.size(); ++m)
      if (value(m) > value(best)) best = m;
    ++has[best];
    out.push_back(best);
  }
  return out;
}

std::size_t second_best(std::span<const double> scores, std::size_t not_this) {
  std::size_t best = not_this;
  for (std::size_t m = 0; m < scores.size(); ++m)
    if (m != not_this && (best == not_this || scores[m] > scores[best])) best = m;
  return best;
}

std::string plan_prompt(std::string_view problem, std::size_t subtasks_max) {
  std::string out = "Take this problem apart into at most " + std::to_string(subtasks_max) +
                    " subtasks that different experts can solve, as independent of one another as can be. "
                    "Each subtask says "
                    "everything its expert has to know besides the problem itself. `depends_on` names the "
                    "subtasks whose results "
                    "it needs. A problem that is one step is one subtask.\n\n";
  quote(out, "problem", {}, problem);
  return out;
}

std::string subtask_prompt(std::string_view problem, const Subtask& subtask, std::span<const Given> given) {
  std::string out = "You solve one part of a larger problem. Solve that part only.\n\n";
  quote(out, "problem", {}, problem);
  for (const Given& g : given) quote(out, "result", g.id, g.result);
  quote(out, "part", subtask.id, subtask.task);
  return out;
}

std::string synthesis_prompt(std::string_view problem, std::span<const Given> results,
                             std::span<const std::string> missing) {
  std::string out =
      "The parts of this problem have been solved by different experts. Make one whole answer of their "
      "results; where they "
      "contradict one another, decide, and say so. Answer the problem itself; do not describe the parts.\n\n";
  quote(out, "problem", {}, problem);
  for (const Given& g : results) quote(out, "result", g.id, g.result);
  if (!missing.empty()) {
    out += "Nobody could solve these parts; say what is missing in the answer because of that:";
    for (const std::string& m : missing) out += " " + m;
    out += "\n";
  }
  return out;
}

}  // namespace pb::tools::panel
