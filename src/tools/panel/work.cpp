#include "tools/panel/work.h"

#include <algorithm>
#include <array>

#include "base/names.h"

namespace pb::tools::panel {
namespace {

void take(Solved& s, std::string model, Result<ModelAnswer>& answer) {
  ++s.attempts;
  s.model = std::move(model);
  if (!answer) {
    s.done = Done::failed;
    s.error = answer.error().message;
    return;
  }
  s.latency_ms = static_cast<double>(answer->latency_us) / 1'000;
  s.cost = answer->cost;
  s.cost_known = answer->cost_known;
  if (words_of(answer->text).empty()) {
    s.done = Done::failed;
    s.error = "its answer is empty (" + answer->finish_reason + ")";
    return;
  }
  s.done = Done::solved;
  s.error.clear();
  s.result = std::move(answer->text);
}

std::vector<Given> given_to(const Work& work, const Subtask& subtask) {
  std::vector<Given> out;
  out.reserve(subtask.after.size());
  for (const std::size_t a : subtask.after) out.push_back({work.plan[a].id, work.solved[a].result});
  return out;
}

bool ready(const Work& work, const Subtask& subtask) {
  return std::ranges::all_of(subtask.after,
                             [&](std::size_t a) { return work.solved[a].done == Done::solved; });
}

// Asks for several subtasks at once: `who` are the members, in the order of `which`.
Task<void> ask_for(Desk& desk, const Field& field, Work& work, const std::string& problem,
                   std::vector<std::size_t> which, std::vector<std::size_t> who) {
  std::vector<ModelQuestion> questions;
  for (std::size_t k = 0; k < which.size(); ++k) {
    const Subtask& subtask = work.plan[which[k]];
    const std::string prompt =
        work.taken_apart ? subtask_prompt(problem, subtask, given_to(work, subtask)) : problem;
    questions.push_back(desk.question(field.candidates()[who[k]].name, {}, prompt));
  }
  std::vector<Result<ModelAnswer>> answers = co_await desk.ask_all(std::move(questions));
  for (std::size_t k = 0; k < which.size(); ++k)
    take(work.solved[which[k]], field.candidates()[who[k]].name, answers[k]);
}

}  // namespace

std::string_view name_of(Done done) {
  static constexpr std::array<std::string_view, 3> kNames = {"solved", "failed", "skipped"};
  return name_in(kNames, done);
}

std::size_t Work::count(Done done) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(solved, [&](const Solved& s) { return s.done == done; }));
}

std::vector<Given> Work::results() const {
  std::vector<Given> out;
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (solved[i].done == Done::solved) out.push_back({plan[i].id + ": " + plan[i].task, solved[i].result});
  return out;
}

std::vector<std::string> Work::missing() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (solved[i].done != Done::solved) out.push_back(plan[i].id + " (" + plan[i].task + ")");
  return out;
}

Work whole_work(std::string problem, std::string kind) {
  Work work;
  work.plan.push_back({"whole", std::move(problem), kind.empty() ? "reasoning" : std::move(kind), {}});
  return work;
}

Task<Work> plan_work(Desk& desk, std::string planner, std::string problem, std::string kind,
                     std::size_t subtasks_max) {
  const Shape shape = plan_shape(subtasks_max);
  const Result<Reply> reply = co_await desk.ask_json(
      desk.question(planner, shape.instructions(), plan_prompt(problem, subtasks_max)), shape);
  if (!reply) {
    Work work = whole_work(std::move(problem), std::move(kind));
    work.planning_error = reply.error().message;
    work.planner = std::move(planner);
    co_return work;
  }
  Work work;
  json::Arena arena;
  work.plan = read_plan(json::parse(reply->json, arena).value_or(json::Value()));
  work.taken_apart = true;
  work.planner = std::move(planner);
  co_return work;
}

Task<void> carry_out(Desk& desk, const Field& field, std::vector<std::size_t> members, Work& work,
                     std::string problem) {
  std::vector<std::vector<double>> scores;
  for (const Subtask& s : work.plan) {
    std::vector<double>& of = scores.emplace_back();
    const bool whole = !work.taken_apart;
    const Job job{.words = whole ? std::string_view(problem) : std::string_view(s.task),
                  .kind = kind_named(s.kind)};
    for (const route::Weighed& w : field.weighed(members, job)) of.push_back(w.score);
  }
  const std::vector<std::size_t> first = assign(scores);
  work.solved.assign(work.plan.size(), {});
  work.assigned.clear();
  for (const std::size_t m : first) work.assigned.push_back(field.candidates()[members[m]].name);
  desk.expect(static_cast<int>(work.plan.size()));
  for (const std::vector<std::size_t>& wave : waves(work.plan)) {
    std::vector<std::size_t> which, who;
    for (const std::size_t i : wave) {
      if (!ready(work, work.plan[i])) {
        work.solved[i].error = "a subtask that it needs was not solved";
        continue;
      }
      which.push_back(i);
      who.push_back(members[first[i]]);
    }
    if (which.empty()) continue;
    co_await ask_for(desk, field, work, problem, which, who);
    std::vector<std::size_t> again, others;
    for (const std::size_t i : which)
      if (work.solved[i].done == Done::failed && members.size() > 1) {
        again.push_back(i);
        others.push_back(members[second_best(scores[i], first[i])]);
      }
    if (again.empty()) continue;
    desk.expect(static_cast<int>(again.size()));
    co_await ask_for(desk, field, work, problem, again, others);
  }
}

void write_work(json::Writer& w, const Work& work) {
  w.key("subtask_results");
  w.begin_array();
  for (std::size_t i = 0; i < work.plan.size(); ++i) {
    const Subtask& t = work.plan[i];
    const Solved& s = work.solved[i];
    w.begin_object();
    w.field("id", t.id);
    w.field("task", t.task);
    w.field("kind", t.kind);
    w.key("depends_on");
    w.begin_array();
    for (const std::size_t a : t.after) w.string(work.plan[a].id);
    w.end_array();
    w.field("status", name_of(s.done));
    if (!s.model.empty()) w.field("model", s.model);
    if (s.done == Done::solved) w.field("result", s.result);
    if (!s.error.empty()) w.field("error", s.error);
    w.field("attempts", s.attempts);
    if (s.latency_ms > 0) w.field("latency_ms", s.latency_ms);
    if (s.cost_known) w.field("cost", s.cost);
    w.end_object();
  }
  w.end_array();
  w.key("model_assignments");
  w.begin_object();
  for (std::size_t i = 0; i < work.plan.size(); ++i)
    w.field(work.plan[i].id, work.solved[i].model.empty() ? work.assigned[i] : work.solved[i].model);
  w.end_object();
}

}  // namespace pb::tools::panel
