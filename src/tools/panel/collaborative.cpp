// collaborative_problem_solving: several models work on one problem, review what has come of it and revise it.
#include <map>
#include <set>

#include "base/ids.h"
#include "base/names.h"
#include "base/utf8.h"
#include "route/strategies/strategy.h"
#include "tools/panel/panel_tools.h"
#include "tools/panel/seats.h"
#include "tools/panel/solving.h"
#include "tools/tool.h"

namespace pb::tools::panel {
namespace {

constexpr SeatRules kSeats = {.least_default = 1, .most_default = 3, .least_ever = 1};

std::string input_schema() {
  std::string out = R"({"type":"object","properties":{
    "problem":{"type":"string","minLength":1},
    "requirements":{"type":"object","maxProperties":20,"description":"What the solution must have, by name; reviewers judge each"},
    "constraints":{"type":"object","maxProperties":20,"description":"What it must keep to, likewise"},
    "strategy":{"type":"string","enum":["sequential","parallel","hierarchical","iterative","adaptive"],"default":"adaptive",
      "description":"sequential: one after the other betters it; parallel: all propose, one merges; hierarchical: it is taken apart; iterative: one drafts, the others review, it revises; adaptive: one of these, by how hard the problem looks"},
    "max_iterations":{"type":"integer","minimum":1,"maximum":10,"default":3,"description":"The first solution and its revisions"},
    "target_score":{"type":"number","minimum":0,"maximum":1,"default":0.9,"description":"A solution that its reviewers score so is not revised any more"},
    "lead_model":{"type":"string","minLength":1,"description":"Who drafts, plans and merges; the best of the models where left out"},)";
  out.append(seat_properties(kSeats)).append(",").append(kCommonProperties);
  out += R"(},"required":["problem"],"additionalProperties":false})";
  return out;
}

std::string output_schema() {
  return filled(R"({"type":"object","properties":{
    "final_solution":{"type":"string"},"session_id":{"type":"string"},
    "strategy_used":{"type":"string"},"strategy_reason":{"type":"string"},
    "iterations":{"type":"integer"},"stopped_because":{"type":"string"},
    "solution_path":{"type":"array","items":{"type":"object","properties":{"step":{"type":"integer"},"iteration":{"type":"integer"},
      "kind":{"type":"string"},"model":{"type":"string"},"ok":{"type":"boolean"},"outcome":{"type":"string"},"score":{"type":"number"},
      "latency_ms":{"type":"number"}},"required":["step","iteration","kind","model","ok","outcome"]}},
    "alternative_solutions":{"type":"array","items":{"type":"object","properties":{"model":{"type":"string"},"kind":{"type":"string"},
      "solution":{"type":"string"},"score":{"type":"number"}},"required":["model","kind","solution"]}},
    "quality_assessment":{"type":"object","properties":{
      "score":{"type":"number","description":"The mean of the reviewers' scores, 0 to 1; missing where nobody gave one"},
      "reviewed_by":{"type":"array","items":{"type":"string"}},"by_its_author":{"type":"boolean"},
      "target_reached":{"type":"boolean"},
      "requirements":{"type":"array","items":{"type":"object","properties":{"requirement":{"type":"string"},"met":{"type":"boolean"},
        "votes_met":{"type":"integer"},"votes":{"type":"integer"},"why":{"type":"string"}},"required":["requirement","met","votes_met","votes","why"]}},
      "problems":{"type":"array","items":{"type":"string"}},"improvements":{"type":"array","items":{"type":"string"}}},
      "required":["reviewed_by","by_its_author","target_reached","requirements","problems","improvements"]},
    "component_contributions":{"type":"object","additionalProperties":{"type":"object","properties":{"steps":{"type":"integer"},"failed":{"type":"integer"},
      "kinds":{"type":"array","items":{"type":"string"}}},"required":["steps","failed","kinds"]}},
    "components_used":{"type":"array","items":{"type":"string"}},
    "failures":FAILURES,"usage":USAGE,"processing_time":{"type":"number","description":"Seconds"}},
    "required":["session_id","strategy_used","strategy_reason","iterations","stopped_because","solution_path","alternative_solutions",
      "quality_assessment","component_contributions","components_used","failures","usage","processing_time"]})");
}

struct Outcome {
  Session session;
  std::string why;  // the strategy
  std::string id;
};

void write_path(json::Writer& w, const Session& s) {
  w.key("solution_path");
  w.begin_array();
  int n = 0;
  for (const Step& step : s.path) {
    w.begin_object();
    w.field("step", ++n);
    w.field("iteration", step.iteration);
    w.field("kind", step.kind);
    w.field("model", step.model);
    w.field("ok", step.good);
    w.field("outcome", step.outcome);
    if (step.score >= 0) w.field("score", step.score);
    if (step.latency_ms > 0) w.field("latency_ms", step.latency_ms);
    w.end_object();
  }
  w.end_array();
}

void write_alternatives(json::Writer& w, const Session& s) {
  constexpr std::size_t kMost = 5, kBytes = 20'000;
  w.key("alternative_solutions");
  w.begin_array();
  std::size_t n = 0;
  for (std::size_t i = s.solutions.size(); i-- > 0 && n < kMost;) {
    if (i == s.best) continue;
    ++n;
    w.begin_object();
    w.field("model", s.solutions[i].model);
    w.field("kind", s.solutions[i].kind);
    w.field("solution", utf8::cut(s.solutions[i].text, kBytes));
    if (s.solutions[i].score >= 0) w.field("score", s.solutions[i].score);
    w.end_object();
  }
  w.end_array();
}

void write_requirements(json::Writer& w, const Session& s) {
  w.key("requirements");
  w.begin_array();
  for (std::size_t r = 0; r < s.problem.requirements.size() && !s.opinions.told.empty(); ++r) {
    int met = 0;
    std::string why;
    for (const Opinion& o : s.opinions.told) {
      met += o.assessment.requirements[r].met ? 1 : 0;
      why.append(why.empty() ? "" : " | ").append(o.assessment.requirements[r].why);
    }
    const int votes = static_cast<int>(s.opinions.told.size());
    w.begin_object();
    w.field("requirement", s.problem.requirements[r]);
    w.field("met", 2 * met > votes);
    w.field("votes_met", met);
    w.field("votes", votes);
    w.field("why", why);
    w.end_object();
  }
  w.end_array();
}

void write_quality(json::Writer& w, const Session& s) {
  w.key("quality_assessment");
  w.begin_object();
  const double score = s.opinions.mean();
  const bool own = !s.opinions.told.empty() && !s.solutions.empty() &&
                   s.opinions.told.front().model == s.solutions[s.best].model;
  if (score >= 0) w.field("score", score);
  w.key("reviewed_by");
  w.begin_array();
  for (const Opinion& o : s.opinions.told) w.string(o.model);
  w.end_array();
  w.field("by_its_author", own);
  w.field("target_reached", score >= s.target);
  write_requirements(w, s);
  for (const bool problems : {true, false}) {
    w.key(problems ? "problems" : "improvements");
    w.begin_array();
    for (const Opinion& o : s.opinions.told)
      for (const std::string& text : problems ? o.assessment.problems : o.assessment.improvements)
        w.string(text);
    w.end_array();
  }
  w.end_object();
}

void write_contributions(json::Writer& w, const Session& s) {
  struct Part {
    int steps = 0, failed = 0;
    std::set<std::string_view> kinds;
  };
  std::map<std::string_view, Part> parts;
  std::set<std::string_view> kinds;
  for (const Step& step : s.path) {
    if (step.model.empty()) continue;  // a part that nobody was asked for
    Part& part = parts[step.model];
    ++part.steps;
    part.failed += step.good ? 0 : 1;
    part.kinds.insert(step.kind);
    kinds.insert(step.kind);
  }
  w.key("component_contributions");
  w.begin_object();
  for (const auto& [model, part] : parts) {
    w.key(model);
    w.begin_object();
    w.field("steps", part.steps);
    w.field("failed", part.failed);
    w.strings("kinds", part.kinds);
    w.end_object();
  }
  w.end_object();
  w.strings("components_used", kinds);
}

std::string structured(const Outcome& o, const Desk& desk) {
  const Session& s = o.session;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  if (!s.solutions.empty()) w.field("final_solution", s.solutions[s.best].text);
  w.field("session_id", o.id);
  w.field("strategy_used", name_in(kWayNames, s.way));
  w.field("strategy_reason", o.why);
  w.field("iterations", s.iterations);
  w.field("stopped_because", s.stopped);
  write_path(w, s);
  write_alternatives(w, s);
  write_quality(w, s);
  write_contributions(w, s);
  write_failures(w, s.failures);
  w.key("usage");
  desk.bill().write(w);
  w.field("processing_time", static_cast<double>(desk.elapsed_ms()) / 1'000);
  w.end_object();
  return out;
}

std::size_t models_that_answered(const Session& s) {
  std::set<std::string_view> names;
  for (const Step& step : s.path)
    if (step.good) names.insert(step.model);
  return names.size();
}

mcp::ToolResult failed(std::string what, const Outcome& o, const Desk& desk) {
  for (const Failure& f : o.session.failures) what += "\n" + f.model + ": " + f.error;
  return failed_result(what, structured(o, desk));
}

std::string text_of(const Session& s) {
  std::string text = s.solutions[s.best].text + "\n\n[" + std::string(name_in(kWayNames, s.way)) + ", " +
                     std::to_string(s.iterations) + (s.iterations == 1 ? " iteration" : " iterations") + "; ";
  text += s.opinions.told.empty() ? std::string("not scored")
                                  : "score " + route::number(s.opinions.mean(), 2) + " by " +
                                        std::to_string(s.opinions.told.size()) +
                                        (s.opinions.told.size() == 1 ? " reviewer" : " reviewers");
  return text + "; " + s.stopped + "]";
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const std::string text(a["problem"].as_string());
  const Job job{.words = text, .tokens_max = a["max_tokens"].as_int()};
  auto field = co_await Field::make(deps, context, a["models"], a["exclude_models"]);
  if (!field) co_return mcp::error_result(field.error().message);
  auto seats = take_seats(*field, job, a, kSeats);
  if (!seats) co_return mcp::error_result(seats.error().message);
  Desk desk(deps, context, a);
  Outcome o;
  o.id = ids::make("collab_");
  Session& s = o.session;
  s.problem = problem_of(text, a["requirements"], a["constraints"]);
  s.members = seats->members;
  s.lead = lead_of(*field, s.members, job, a["lead_model"].as_string());
  s.iterations_max = static_cast<int>(a["max_iterations"].as_int(3));
  s.target = a["target_score"].as_double(0.9);
  s.way = value_named<Way>(kWayNames, a["strategy"].as_string()).value_or(s.way);
  o.why = "it was asked for";
  if (s.way == Way::adaptive) s.way = way_for(task_of(job), s.members.size(), o.why);
  if (!co_await solve(desk, *field, s)) {
    s.stopped = "no model gave a solution";
    co_return failed("no model gave a solution", o, desk);
  }
  if (const std::size_t models = models_that_answered(s); a.has("min_models") && models < seats->least)
    co_return failed(std::to_string(models) + " models answered, and " + std::to_string(seats->least) +
                         " are needed (`min_models`)",
                     o, desk);
  co_return told_result(text_of(s), structured(o, desk));
}

}  // namespace

mcp::Tool collaborative_problem_solving(const Deps& deps) {
  return make_tool<run>(deps,
                        {.name = "collaborative_problem_solving",
                         .title = "Collaborative problem solving",
                         .description = "Has several models work on one problem: they draft, review and "
                                        "revise until the solution is good enough or the iterations are used "
                                        "up. Tells the path, the alternatives and what the reviewers think.",
                         .input = input_schema(),
                         .output = output_schema(),
                         .hints = kAsksModels,
                         .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::panel
