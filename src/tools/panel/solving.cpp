#include "tools/panel/solving.h"

#include <algorithm>

#include "base/utf8.h"
#include "route/strategies/strategy.h"

namespace pb::tools::panel {
namespace {

constexpr std::size_t kOutcomeBytes = 300;  // of a step's text, in the path
constexpr std::size_t kReviewersMax = 3;
constexpr std::size_t kPartsMax = 5;

struct Room {  // what all steps need
  Desk& desk;
  const Field& field;
  Session& s;
};

std::string name_of(const Room& room, std::size_t member) { return room.field.candidates()[member].name; }

void note(Room& room, std::string kind, std::string model, const Result<ModelAnswer>& answer) {
  Step step{.iteration = room.s.iterations, .kind = std::move(kind), .model = std::move(model)};
  step.good = answer && !words_of(answer->text).empty();
  if (answer) {
    step.outcome = step.good ? utf8::cut(answer->text, kOutcomeBytes)
                             : "its answer is empty (" + answer->finish_reason + ")";
    step.latency_ms = static_cast<double>(answer->latency_us) / 1'000;
    step.tokens = answer->input + answer->output;
    step.cost = answer->cost;
  } else {
    step.outcome = answer.error().message;
  }
  if (!step.good) room.s.failures.push_back({step.model, step.outcome});
  room.s.path.push_back(std::move(step));
}

bool took(Room& room, std::string kind, std::string model, Result<ModelAnswer>& answer) {
  note(room, kind, model, answer);
  if (!room.s.path.back().good) return false;
  room.s.solutions.push_back({std::move(model), std::move(kind), std::move(answer->text)});
  return true;
}

// One question whose answer is a solution, to each of these until one answers.
Task<bool> ask_for(Room& room, std::string kind, std::vector<std::string> models, std::string prompt) {
  for (const std::string& model : models) {
    room.desk.expect(1);
    Result<ModelAnswer> answer = co_await room.desk.ask(room.desk.question(model, {}, prompt));
    if (took(room, kind, model, answer)) co_return true;
  }
  co_return false;
}

// The lead, then one other.
std::vector<std::string> lead_and_other(const Room& room) {
  std::vector<std::string> out = {room.s.lead};
  for (const std::size_t m : room.s.members)
    if (name_of(room, m) != room.s.lead && out.size() < 2) out.push_back(name_of(room, m));
  return out;
}

// Everybody in turn betters what is there. Who fails is passed over.
Task<bool> in_turn(Room& room) {
  bool any = false;
  for (const std::size_t m : room.s.members) {
    const bool first = room.s.solutions.empty();
    const std::string prompt =
        first ? room.s.problem.text : improve_prompt(room.s.problem, room.s.solutions.back().text);
    std::vector<std::string> one = {name_of(room, m)};
    if (co_await ask_for(room, first ? "draft" : "improvement", std::move(one), prompt)) any = true;
  }
  co_return any;
}

Task<bool> all_at_once(Room& room) {
  std::vector<ModelQuestion> questions;
  questions.reserve(room.s.members.size());
  for (const std::size_t m : room.s.members)
    questions.push_back(room.desk.question(name_of(room, m), {}, room.s.problem.text));
  room.desk.expect(static_cast<int>(questions.size()));
  std::vector<Result<ModelAnswer>> answers = co_await room.desk.ask_all(std::move(questions));
  for (std::size_t i = 0; i < answers.size(); ++i)
    took(room, "proposal", name_of(room, room.s.members[i]), answers[i]);
  if (room.s.solutions.size() < 2) co_return !room.s.solutions.empty();
  const std::string prompt = merge_prompt(room.s.problem, room.s.solutions);
  if (!co_await ask_for(room, "merge", lead_and_other(room), prompt))
    room.s.stopped = "nobody made one solution of the proposals; this is one of them";
  co_return true;
}

Task<bool> in_parts(Room& room) {
  Session& s = room.s;
  room.desk.expect(1);
  Work work = co_await plan_work(room.desk, s.lead, s.problem.text, {}, kPartsMax);
  s.path.push_back(
      {.iteration = s.iterations,
       .kind = "plan",
       .model = s.lead,
       .outcome = work.taken_apart ? std::to_string(work.plan.size()) + " parts" : work.planning_error,
       .good = work.taken_apart});
  if (!work.taken_apart) s.failures.push_back({s.lead, "no plan: " + work.planning_error});
  co_await carry_out(room.desk, room.field, s.members, work, s.problem.text);
  for (std::size_t i = 0; i < work.plan.size(); ++i) {
    const Solved& part = work.solved[i];
    const bool good = part.done == Done::solved;
    s.path.push_back(
        {.iteration = s.iterations,
         .kind = "part",
         .model = part.model,
         .outcome = work.plan[i].id + ": " + utf8::cut(good ? part.result : part.error, kOutcomeBytes),
         .good = good,
         .latency_ms = part.latency_ms,
         .cost = part.cost});
    if (part.done == Done::failed) s.failures.push_back({part.model, part.error});
  }
  if (work.count(Done::solved) == 0) co_return false;
  if (!work.taken_apart) {
    s.solutions.push_back({work.solved.front().model, "draft", work.solved.front().result});
    co_return true;
  }
  const std::vector<Given> results = work.results();
  const std::vector<std::string> missing = work.missing();
  const std::string prompt = synthesis_prompt(s.problem.text, results, missing);
  co_return co_await ask_for(room, "merge", lead_and_other(room), prompt);
}

Task<bool> begin(Room& room) {
  room.s.iterations = 1;
  switch (room.s.way) {
    case Way::sequential:
      co_return co_await in_turn(room);
    case Way::parallel:
      co_return co_await all_at_once(room);
    case Way::hierarchical:
      co_return co_await in_parts(room);
    case Way::iterative:
    case Way::adaptive:
      break;
  }
  co_return co_await ask_for(room, "draft", lead_and_other(room), room.s.problem.text);
}

// Everybody but the author; the author alone where there is nobody else.
std::vector<std::string> reviewers(const Room& room, std::string_view author) {
  std::vector<std::string> out;
  for (const std::size_t m : room.s.members)
    if (name_of(room, m) != author && out.size() < kReviewersMax) out.push_back(name_of(room, m));
  if (out.empty()) out.emplace_back(author);
  return out;
}

Task<Opinions> reviewed(Room& room, std::size_t at) {
  const Solution solution = room.s.solutions[at];
  std::vector<std::string> judges = reviewers(room, solution.model);
  room.desk.expect(static_cast<int>(judges.size()));
  Opinions opinions = co_await assess_by(room.desk, std::move(judges), room.s.problem.text, solution.text,
                                         room.s.problem.requirements);
  for (const Opinion& o : opinions.told) {
    std::string outcome = "score " + route::number(o.assessment.score, 2);
    for (const std::string& p : o.assessment.problems) outcome += "; " + p;
    room.s.path.push_back({.iteration = room.s.iterations,
                           .kind = "review",
                           .model = o.model,
                           .outcome = utf8::cut(outcome, kOutcomeBytes),
                           .score = o.assessment.score});
  }
  for (const Failure& f : opinions.failures) {
    room.s.path.push_back({.iteration = room.s.iterations,
                           .kind = "review",
                           .model = f.model,
                           .outcome = f.error,
                           .good = false});
    room.s.failures.push_back(f);
  }
  room.s.solutions[at].score = opinions.mean();
  co_return opinions;
}

Task<bool> revise(Room& room) {
  if (room.s.way == Way::sequential) co_return co_await in_turn(room);
  const Solution& newest = room.s.solutions[room.s.best];
  const std::string prompt = revise_prompt(room.s.problem, newest.text, room.s.opinions);
  std::vector<std::string> who = {newest.model};
  if (newest.model != room.s.lead) who.push_back(room.s.lead);
  co_return co_await ask_for(room, "revision", std::move(who), prompt);
}

}  // namespace

Task<bool> solve(Desk& desk, const Field& field, Session& session) {
  Room room{desk, field, session};
  if (!co_await begin(room)) co_return false;
  session.best = session.solutions.size() - 1;
  session.opinions = co_await reviewed(room, session.best);
  while (session.stopped.empty()) {
    const Solution& best = session.solutions[session.best];
    if (best.score < 0) {
      session.stopped = "nobody gave a review that can be read";
    } else if (best.score >= session.target) {
      session.stopped = "its score of " + route::number(best.score, 2) + " is good enough";
    } else if (session.iterations >= session.iterations_max) {
      session.stopped = "all " + std::to_string(session.iterations_max) + " iterations are used up";
    }
    if (!session.stopped.empty()) break;
    ++session.iterations;
    if (!co_await revise(room)) {
      session.stopped = "nobody revised it";
      break;
    }
    const std::size_t newest = session.solutions.size() - 1;
    Opinions opinions = co_await reviewed(room, newest);
    if (session.solutions[newest].score < 0) {
      session.stopped = "nobody reviewed the last revision, so the one before is told";
    } else if (session.solutions[newest].score >= session.solutions[session.best].score) {
      session.best = newest;
      session.opinions = std::move(opinions);
    } else {
      session.stopped = "the last revision was worse, so the one before is told";
    }
  }
  co_return true;
}

}  // namespace pb::tools::panel
