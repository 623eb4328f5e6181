#include "tools/benchmark/judging.h"

#include <algorithm>
#include <map>

#include "base/ids.h"
#include "net/together.h"
#include "tools/benchmark/quality.h"

namespace pb::tools::bench {
namespace {

constexpr int kJudgeTimeoutMs = 120'000;  // at least: it reads all answers, and may think
constexpr int kTries = 2;                 // models now and then answer in another form than asked for

// The answers to one question; places in the list of runs.
struct Set {
  std::int64_t prompt = 0, run = 0;
  std::vector<std::size_t> runs;
};

struct Judging {
  const Deps& deps;
  mcp::Context& context;
  const Plan& plan;
  std::vector<Run>& runs;
  Allowance& left;
  std::int64_t& done;
  std::int64_t total;
  std::vector<Set> sets = {};
  std::size_t next = 0;
  Judged out = {};
};

std::vector<Set> sets_of(const std::vector<Run>& runs) {
  std::map<std::pair<std::int64_t, std::int64_t>, Set> sets;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].error.empty()) continue;
    Set& set = sets[{runs[i].run, runs[i].prompt}];
    set.prompt = runs[i].prompt;
    set.run = runs[i].run;
    set.runs.push_back(i);
  }
  std::vector<Set> out;
  out.reserve(sets.size());
  for (auto& [key, set] : sets) out.push_back(std::move(set));
  return out;
}

// Grades the answers in the order given. Error: the judge's, or what is wrong with its answer.
Task<Result<std::vector<Verdict>>> ask(Judging& j, const Set& set, const std::vector<std::size_t>& order) {
  std::vector<std::string_view> answers;
  answers.reserve(order.size());
  for (const std::size_t at : order) answers.emplace_back(j.runs[set.runs[at]].answer);
  ModelQuestion question;
  question.model = j.plan.judge;
  question.messages = judge_messages(j.plan.prompts[static_cast<std::size_t>(set.prompt)].text, answers);
  question.more = judge_format(answers.size());
  question.timeout_ms = std::max(j.plan.timeout_ms, kJudgeTimeoutMs);
  question.fresh = true;
  auto answer = co_await ask_model(j.deps, j.context, question, j.left);
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  if (answer->cost_known) j.out.cost += answer->cost;
  co_return read_verdicts(answer->text, answers.size());
}

Task<void> grade(Judging& j, const Set& set) {
  Error fault;
  for (int tried = 0; tried < kTries; ++tried) {
    // Another order each time: a judge that favours the first favours each of them now and then.
    const std::vector<std::size_t> order = shuffled(set.runs.size(), ids::random64());
    auto verdicts = co_await ask(j, set, order);
    if (verdicts) {
      for (std::size_t i = 0; i < order.size(); ++i) {
        Run& run = j.runs[set.runs[order[i]]];
        run.quality = (*verdicts)[i].quality();
        run.quality_by = "judge";
        run.grades = grades_json((*verdicts)[i]);
      }
      ++j.out.graded;
      co_return;
    }
    fault = std::move(verdicts.error());
    if (fault.code != Code::bad_upstream) break;
  }
  ++j.out.failed;
  if (never_asked(fault)) j.out.limited = true;
  if (j.out.why.empty()) j.out.why = fault.message;
}

Task<void> lane(Judging& j) {
  while (j.next < j.sets.size()) {
    const Set& set = j.sets[j.next++];
    co_await grade(j, set);
    j.context.progress(static_cast<double>(++j.done), static_cast<double>(j.total),
                       "judged the answers to prompt " + std::to_string(set.prompt + 1) + ", run " +
                           std::to_string(set.run + 1));
  }
}

}  // namespace

Task<Judged> judge_all(const Deps& deps, mcp::Context& context, const Plan& plan, std::vector<Run>& runs,
                       Allowance& left, std::int64_t& done, std::int64_t total) {
  Judging j{deps, context, plan, runs, left, done, total};
  j.sets = sets_of(runs);
  std::vector<Task<void>> lanes;
  const auto most = static_cast<std::size_t>(deps.gateway.snapshot().config().mcp.tools.parallel);
  for (std::size_t i = 0; i < std::min(most, j.sets.size()); ++i) lanes.push_back(lane(j));
  co_await net::together(std::move(lanes));
  co_return j.out;
}

void note_judging(const Plan& plan, const Judged& judged, std::vector<Run>& runs,
                  std::vector<std::string>& notes) {
  if (judged.graded > 0) notes.emplace_back(kRubricNote);
  if (judged.failed > 0) {
    notes.push_back("The judge failed on " + std::to_string(judged.failed) + " of " +
                    std::to_string(judged.failed + judged.graded) + " sets of answers: " + judged.why);
    for (Run& r : runs)
      if (judged.graded > 0 && r.quality_by == "heuristic") {
        r.quality = -1;
        r.quality_by.clear();
        r.grades.clear();
      }
  }
  if (std::ranges::find(plan.models, plan.judge) != plan.models.end())
    notes.push_back(plan.judge + " graded its own answers too: models tend to prefer those");
}

}  // namespace pb::tools::bench
