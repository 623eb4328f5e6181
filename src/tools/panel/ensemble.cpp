// ensemble_reasoning: a problem taken apart, its parts solved by the models that suit them, and one answer made of the results.
#include <set>

#include "route/strategies/strategy.h"
#include "tools/panel/leads.h"
#include "tools/panel/panel_tools.h"
#include "tools/panel/seats.h"
#include "tools/panel/work.h"
#include "tools/tool.h"

namespace pb::tools::panel {
namespace {

constexpr SeatRules kSeats = {.least_default = 1, .most_default = 5, .least_ever = 1};

std::string input_schema() {
  std::string out = R"({"type":"object","properties":{
    "problem":{"type":"string","minLength":1},
    "task_type":{"type":"string","enum":[)";
  out.append(kTaskTypes).append(R"(],"description":"Of the whole; each subtask has a kind of its own"},
    "decompose":{"type":"boolean","default":true,"description":"false: the problem goes to the best model as it is"},
    "max_subtasks":{"type":"integer","minimum":1,"maximum":10,"default":5},
    "planner_model":{"type":"string","minLength":1,"description":"Who takes the problem apart; the best of the models where left out"},
    "synthesis_model":{"type":"string","minLength":1,"description":"Who makes one answer of the results; likewise"},
    "judge_model":{"type":"string","minLength":1,"description":"Who scores the answer; without one it gets no score"},)");
  out.append(seat_properties(kSeats)).append(",").append(kCommonProperties);
  out += R"(},"required":["problem"],"additionalProperties":false})";
  return out;
}

std::string output_schema() {
  std::string out = R"({"type":"object","properties":{
    "final_result":{"type":"string"},"strategy_used":{"type":"string","enum":["decomposed","single"]},
    "subtask_results":)";
  out.append(kSubtasksSchema).append(R"(,
    "model_assignments":{"type":"object","additionalProperties":{"type":"string"}},
    "planner":{"type":"string"},"planning_error":{"type":"string","description":"Why the problem was not taken apart although that was asked for"},
    "synthesiser":{"type":"string"},
    "reasoning_quality":{"type":"object","properties":{
      "subtasks":{"type":"integer"},"solved":{"type":"integer"},
      "score":{"type":"number","description":"The judge's, 0 to 1; missing where there is none"},
      "judged_by":{"type":"string"},"problems":{"type":"array","items":{"type":"string"}},"judge_error":{"type":"string"}},
      "required":["subtasks","solved"]},
    "success_rate":{"type":"number","description":"Of the subtasks"},
    "total_cost":{"type":"number","description":"US dollars, as far as prices are known"},
    "failures":FAILURES,"usage":USAGE,"processing_time":{"type":"number","description":"Seconds"}},
    "required":["final_result","strategy_used","subtask_results","model_assignments","reasoning_quality","success_rate","total_cost",
      "failures","usage","processing_time"]})");
  return filled(out);
}

struct Outcome {
  Work work;
  std::string text, synthesiser;
  Opinions opinions;
  std::vector<Failure> failures;
};

void write_quality(json::Writer& w, const Outcome& o) {
  w.key("reasoning_quality");
  w.begin_object();
  w.field("subtasks", static_cast<std::int64_t>(o.work.plan.size()));
  w.field("solved", static_cast<std::int64_t>(o.work.count(Done::solved)));
  if (!o.opinions.told.empty()) {
    w.field("score", o.opinions.mean());
    w.field("judged_by", o.opinions.told.front().model);
    w.strings("problems", o.opinions.told.front().assessment.problems);
  }
  if (!o.opinions.failures.empty()) w.field("judge_error", o.opinions.failures.front().error);
  w.end_object();
}

std::string structured(const Outcome& o, const Desk& desk) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  if (!o.text.empty()) w.field("final_result", o.text);
  w.field("strategy_used", o.work.taken_apart ? "decomposed" : "single");
  write_work(w, o.work);
  if (!o.work.planner.empty()) w.field("planner", o.work.planner);
  if (!o.work.planning_error.empty()) w.field("planning_error", o.work.planning_error);
  if (!o.synthesiser.empty()) w.field("synthesiser", o.synthesiser);
  write_quality(w, o);
  w.field("success_rate",
          static_cast<double>(o.work.count(Done::solved)) / static_cast<double>(o.work.plan.size()));
  w.field("total_cost", desk.bill().cost);
  write_failures(w, o.failures);
  w.key("usage");
  desk.bill().write(w);
  w.field("processing_time", static_cast<double>(desk.elapsed_ms()) / 1'000);
  w.end_object();
  return out;
}

mcp::ToolResult failed(std::string what, const Outcome& o, const Desk& desk) {
  for (const Failure& f : o.failures) what += "\n" + f.model + ": " + f.error;
  return failed_result(what, structured(o, desk));
}

void collect_failures(Outcome& o) {
  for (const Solved& s : o.work.solved)
    if (s.done == Done::failed) o.failures.push_back({s.model, s.error});
}

std::size_t models_that_solved(const Work& work) {
  std::set<std::string_view> names;
  for (const Solved& s : work.solved)
    if (s.done == Done::solved) names.insert(s.model);
  return names.size();
}

std::string text_of(const Outcome& o) {
  std::string text = o.text + "\n\n[" + std::to_string(o.work.count(Done::solved)) + " of " +
                     std::to_string(o.work.plan.size()) +
                     (o.work.plan.size() == 1 ? " subtask" : " subtasks") + " solved";
  for (std::size_t i = 0; i < o.work.plan.size(); ++i)
    text += "; " + o.work.plan[i].id + ": " +
            (o.work.solved[i].done == Done::solved ? o.work.solved[i].model
                                                   : std::string(name_of(o.work.solved[i].done)));
  if (!o.work.planning_error.empty()) text += "; not taken apart: " + o.work.planning_error;
  if (!o.opinions.told.empty())
    text += "; score " + route::number(o.opinions.mean(), 2) + " by " + o.opinions.told.front().model;
  return text + "]";
}

// One answer of the results: by the lead, else by the next best. False: nobody could.
Task<bool> put_together(Desk& desk, const Field& field, std::vector<std::size_t> members, Job job,
                        std::string named, std::string problem, Outcome& o) {
  const std::vector<Given> results = o.work.results();
  const std::vector<std::string> missing = o.work.missing();
  const std::string prompt = synthesis_prompt(problem, results, missing);
  std::string lead = lead_of(field, members, job, named);
  for (int attempt = 0; attempt < 2 && !lead.empty(); ++attempt) {
    desk.expect(1);
    Result<ModelAnswer> answer = co_await desk.ask(desk.question(lead, {}, prompt));
    if (answer && !words_of(answer->text).empty()) {
      o.text = std::move(answer->text);
      o.synthesiser = std::move(lead);
      co_return true;
    }
    o.failures.push_back(
        {lead, answer ? "its answer is empty (" + answer->finish_reason + ")" : answer.error().message});
    lead = other_lead(field, members, job, lead);
  }
  co_return false;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const std::string problem(a["problem"].as_string()), kind(a["task_type"].as_string());
  const Job job{.words = problem, .kind = kind_named(kind), .tokens_max = a["max_tokens"].as_int()};
  auto field = co_await Field::make(deps, context, a["models"], a["exclude_models"]);
  if (!field) co_return mcp::error_result(field.error().message);
  auto seats = take_seats(*field, job, a, kSeats);
  if (!seats) co_return mcp::error_result(seats.error().message);
  Desk desk(deps, context, a);
  Outcome o;
  const std::string judge(a["judge_model"].as_string());
  if (!judge.empty()) desk.expect(1);
  if (a["decompose"].as_bool(true)) {
    desk.expect(1);
    o.work = co_await plan_work(desk, lead_of(*field, seats->members, job, a["planner_model"].as_string()),
                                problem, kind, static_cast<std::size_t>(a["max_subtasks"].as_int(5)));
  } else {
    o.work = whole_work(problem, kind);
  }
  co_await carry_out(desk, *field, seats->members, o.work, problem);
  collect_failures(o);
  if (o.work.count(Done::solved) == 0) co_return failed("no model solved any part of the problem", o, desk);
  if (const std::size_t models = models_that_solved(o.work); a.has("min_models") && models < seats->least)
    co_return failed(std::to_string(models) + " models solved a part, and " + std::to_string(seats->least) +
                         " are needed (`min_models`)",
                     o, desk);
  if (!o.work.taken_apart) {
    o.text = o.work.solved.front().result;
  } else if (!co_await put_together(desk, *field, seats->members, job,
                                    std::string(a["synthesis_model"].as_string()), problem, o)) {
    co_return failed("the parts are solved, but no model made one answer of them; their results are told", o,
                     desk);
  }
  if (!judge.empty()) o.opinions = co_await assess_by(desk, {judge}, problem, o.text, {});
  co_return told_result(text_of(o), structured(o, desk));
}

}  // namespace

mcp::Tool ensemble_reasoning(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "ensemble_reasoning",
             .title = "Ensemble reasoning",
             .description =
                 "Takes a problem apart, gives each part to the model that suits its kind, solves parts at "
                 "the same time where they do not wait for one another, and makes one answer of the results.",
             .input = input_schema(),
             .output = output_schema(),
             .hints = kAsksModels,
             .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::panel
