// cross_model_validation: one text reviewed by several models, criterion by criterion.
#include <algorithm>

#include "base/names.h"
#include "route/strategies/strategy.h"
#include "tools/panel/desk.h"
#include "tools/panel/findings.h"
#include "tools/panel/panel_tools.h"
#include "tools/panel/seats.h"
#include "tools/tool.h"

namespace pb::tools::panel {
namespace {

constexpr SeatRules kSeats = {.least_default = 2, .most_default = 3, .least_ever = 1};

std::string input_schema() {
  std::string out = R"({"type":"object","properties":{
    "content":{"type":"string","minLength":1,"description":"What is to be reviewed"},
    "context":{"type":"string","description":"What it is for, or the question that it answers"},
    "reference":{"type":"string","description":"What is known to be right"},
    "validation_criteria":{"type":"array","minItems":1,"maxItems":15,"uniqueItems":true,"items":{"type":"string","minLength":1,"maxLength":100},
      "default":["accuracy","completeness","consistency"],
      "description":"Any words; these have a meaning of their own: accuracy, consistency, completeness, relevance, coherence, factual_correctness, logical_soundness, bias_neutrality, clarity, appropriateness"},
    "strategy":{"type":"string","enum":["peer_review","adversarial","consensus_check","fact_check","quality_assurance","bias_detection"],"default":"peer_review",
      "description":"adversarial: the others then say of every issue whether it is real; consensus_check: only what two reviewers found counts"},
    "threshold":{"type":"number","minimum":0,"maximum":1,"default":0.7,"description":"The score from which the text is valid"},)";
  out.append(seat_properties(kSeats)).append(",").append(kCommonProperties);
  out += R"(},"required":["content"],"additionalProperties":false})";
  return out;
}

constexpr std::string_view kIssues = R"({"type":"array","items":{"type":"object","properties":{
  "criterion":{"type":"string"},"severity":{"type":"string","enum":["critical","high","medium","low","info"]},
  "description":{"type":"string"},"suggestion":{"type":"string"},"confidence":{"type":"number"},
  "found_by":{"type":"array","items":{"type":"string"}},"confirmed":{"type":"integer"},"disputed":{"type":"integer"},"rejected_because":{"type":"string"}},
  "required":["criterion","severity","description","suggestion","confidence","found_by"]}})";

std::string output_schema() {
  std::string out = R"({"type":"object","properties":{
    "validation_result":{"type":"string","enum":["VALID","INVALID"]},
    "validation_score":{"type":"number","description":"0 to 1: the mean of the reviewers' means"},
    "explanation":{"type":"string"},"threshold":{"type":"number"},"strategy_used":{"type":"string"},
    "score_spread":{"type":"number","description":"The standard deviation of the reviewers' means"},
    "criteria_scores":{"type":"object","additionalProperties":{"type":"number"}},
    "issues":)";
  out.append(kIssues).append(R"(,"rejected_issues":)").append(kIssues).append(R"(,
    "model_validations":{"type":"array","items":{"type":"object","properties":{"model":{"type":"string"},"provider":{"type":"string"},
      "score":{"type":"number"},"summary":{"type":"string"},"issues":{"type":"integer"},
      "scores":{"type":"array","items":{"type":"object","properties":{"criterion":{"type":"string"},"score":{"type":"number"},"reason":{"type":"string"}},
        "required":["criterion","score","reason"]}},"latency_ms":{"type":"number"},"cost":{"type":"number"}},
      "required":["model","provider","score","summary","issues","scores","latency_ms"]}},
    "recommendations":{"type":"array","items":{"type":"string"}},
    "failures":FAILURES,"usage":USAGE,"processing_time":{"type":"number","description":"Seconds"}},
    "required":["validation_result","validation_score","explanation","threshold","strategy_used","score_spread","criteria_scores","issues",
      "rejected_issues","model_validations","recommendations","failures","usage","processing_time"]})");
  return filled(out);
}

struct Outcome {
  Validation how = Validation::peer_review;
  double threshold = 0.7;
  std::vector<std::string> criteria;
  std::vector<std::string> names;    // of those who reviewed
  std::vector<ModelAnswer> answers;  // likewise
  std::vector<Review> reviews;       // likewise
  std::vector<Failure> failures;
  Judgement judgement;
};

void write_issues(json::Writer& w, std::string_view member, const std::vector<Issue>& issues,
                  const Outcome& o) {
  w.key(member);
  w.begin_array();
  for (const Issue& i : issues) {
    w.begin_object();
    w.field("criterion", i.criterion);
    w.field("severity", name_in(kSeverityNames, i.severity));
    w.field("description", i.description);
    w.field("suggestion", i.suggestion);
    w.field("confidence", i.confidence);
    w.key("found_by");
    w.begin_array();
    for (const std::size_t r : i.by) w.string(o.names[r]);
    w.end_array();
    if (o.how == Validation::adversarial) {
      w.field("confirmed", i.real);
      w.field("disputed", i.unreal);
    }
    if (!i.why_rejected.empty()) w.field("rejected_because", i.why_rejected);
    w.end_object();
  }
  w.end_array();
}

void write_reviews(json::Writer& w, const Outcome& o) {
  w.key("model_validations");
  w.begin_array();
  for (std::size_t r = 0; r < o.reviews.size(); ++r) {
    w.begin_object();
    w.field("model", o.names[r]);
    w.field("provider", o.answers[r].provider);
    w.field("score", o.reviews[r].mean());
    w.field("summary", o.reviews[r].summary);
    w.field("issues", static_cast<std::int64_t>(o.reviews[r].issues.size()));
    w.key("scores");
    w.begin_array();
    for (std::size_t c = 0; c < o.criteria.size(); ++c) {
      w.begin_object();
      w.field("criterion", o.criteria[c]);
      w.field("score", o.reviews[r].scores[c].score);
      w.field("reason", o.reviews[r].scores[c].reason);
      w.end_object();
    }
    w.end_array();
    w.field("latency_ms", static_cast<double>(o.answers[r].latency_us) / 1'000);
    if (o.answers[r].cost_known) w.field("cost", o.answers[r].cost);
    w.end_object();
  }
  w.end_array();
}

// What to do, the gravest first, each once.
std::vector<std::string> recommendations(const Judgement& j) {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> out;
  for (const Issue& i : j.issues)
    if (!i.suggestion.empty() && out.size() < kMost && std::ranges::find(out, i.suggestion) == out.end())
      out.push_back(i.suggestion);
  return out;
}

std::string structured(const Outcome& o, const Desk& desk) {
  const Judgement& j = o.judgement;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("validation_result", j.valid ? "VALID" : "INVALID");
  w.field("validation_score", j.score);
  w.field("explanation", j.why);
  w.field("threshold", o.threshold);
  w.field("strategy_used", name_in(kValidationNames, o.how));
  w.field("score_spread", j.spread);
  w.key("criteria_scores");
  w.begin_object();
  for (std::size_t c = 0; c < o.criteria.size(); ++c) w.field(o.criteria[c], j.by_criterion[c].score);
  w.end_object();
  write_issues(w, "issues", j.issues, o);
  write_issues(w, "rejected_issues", j.rejected, o);
  write_reviews(w, o);
  w.strings("recommendations", recommendations(j));
  write_failures(w, o.failures);
  w.key("usage");
  desk.bill().write(w);
  w.field("processing_time", static_cast<double>(desk.elapsed_ms()) / 1'000);
  w.end_object();
  return out;
}

std::string text_of(const Outcome& o) {
  constexpr std::size_t kIssuesShown = 10;
  const Judgement& j = o.judgement;
  std::string text = std::string(j.valid ? "VALID" : "INVALID") + ": " + j.why + ".";
  for (std::size_t i = 0; i < j.issues.size() && i < kIssuesShown; ++i)
    text += "\n- " + std::string(name_in(kSeverityNames, j.issues[i].severity)) + ", " +
            j.issues[i].criterion + ": " + j.issues[i].description +
            (j.issues[i].suggestion.empty() ? "" : " → " + j.issues[i].suggestion);
  if (j.issues.size() > kIssuesShown)
    text += "\nand " + std::to_string(j.issues.size() - kIssuesShown) + " more";
  for (const Failure& f : o.failures) text += "\nNo review by " + f.model + ": " + f.error;
  return text;
}

mcp::ToolResult too_few(const Outcome& o, std::size_t asked, std::size_t least, const Desk& desk) {
  std::string text = std::to_string(o.reviews.size()) + " of " + std::to_string(asked) +
                     " models gave a review that can be read, and " + std::to_string(least) +
                     " are needed (`min_models`).";
  for (const Failure& f : o.failures) text += "\n" + f.model + ": " + f.error;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_failures(w, o.failures);
  write_reviews(w, o);
  w.key("usage");
  desk.bill().write(w);
  w.end_object();
  return failed_result(text, out);
}

// Every reviewer says of the others' issues whether they are real. Who cannot has no vote, which is told.
Task<void> vote(Desk& desk, Outcome& o, Matter matter, std::vector<Issue>& issues) {
  const Shape shape = votes_shape(issues.size());
  const std::string prompt = votes_prompt(matter, issues);
  std::vector<ModelQuestion> questions;
  questions.reserve(o.names.size());
  for (const std::string& name : o.names)
    questions.push_back(desk.question(name, shape.instructions(), prompt));
  desk.expect(static_cast<int>(questions.size()));
  std::vector<Result<Reply>> replies = co_await desk.ask_all_json(std::move(questions), shape);
  for (std::size_t r = 0; r < replies.size(); ++r) {
    if (!replies[r]) {
      o.failures.push_back({o.names[r], "no votes on the others' issues: " + replies[r].error().message});
      continue;
    }
    json::Arena arena;
    count_votes(json::parse(replies[r]->json, arena).value_or(json::Value()), r, issues);
  }
}

Task<void> review(Desk& desk, Outcome& o, Matter matter, std::vector<std::string> models) {
  const Shape shape = review_shape(o.criteria);
  const std::string prompt = review_prompt(o.how, matter, o.criteria);
  std::vector<ModelQuestion> questions;
  questions.reserve(models.size());
  for (const std::string& m : models) questions.push_back(desk.question(m, shape.instructions(), prompt));
  desk.expect(static_cast<int>(questions.size()));
  std::vector<Result<Reply>> replies = co_await desk.ask_all_json(std::move(questions), shape);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      o.failures.push_back({models[i], replies[i].error().message});
      continue;
    }
    json::Arena arena;
    o.reviews.push_back(read_review(json::parse(replies[i]->json, arena).value_or(json::Value()), o.criteria,
                                    o.reviews.size()));
    o.names.push_back(models[i]);
    o.answers.push_back(std::move(replies[i]->answer));
  }
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const Matter matter{std::string(a["content"].as_string()), std::string(a["context"].as_string()),
                      std::string(a["reference"].as_string())};
  const Job job{.words = matter.content};
  auto field = co_await Field::make(deps, context, a["models"], a["exclude_models"]);
  if (!field) co_return mcp::error_result(field.error().message);
  auto seats = take_seats(*field, job, a, kSeats);
  if (!seats) co_return mcp::error_result(seats.error().message);
  Outcome o;
  o.threshold = a["threshold"].as_double(0.7);
  o.how = value_named<Validation>(kValidationNames, a["strategy"].as_string()).value_or(o.how);
  for (const json::Value c : a["validation_criteria"].items()) o.criteria.emplace_back(c.as_string());
  if (o.criteria.empty()) o.criteria = {"accuracy", "completeness", "consistency"};
  std::vector<std::string> models;
  models.reserve(seats->members.size());
  for (const std::size_t m : seats->members) models.push_back(field->candidates()[m].name);

  Desk desk(deps, context, a);
  co_await review(desk, o, matter, std::move(models));
  if (o.reviews.size() < seats->least) co_return too_few(o, seats->members.size(), seats->least, desk);
  std::vector<Issue> issues = merged(o.reviews);
  if (o.how == Validation::adversarial && !issues.empty() && o.reviews.size() > 1)
    co_await vote(desk, o, matter, issues);
  o.judgement = judge(o.reviews, std::move(issues), o.how, o.threshold);
  co_return told_result(text_of(o), structured(o, desk));
}

}  // namespace

mcp::Tool cross_model_validation(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "cross_model_validation",
             .title = "Validation by several models",
             .description =
                 "Has several models review a text by a list of criteria and makes one judgement of it: "
                 "VALID or INVALID, a score, and issues with their severity, who found them, and what to do.",
             .input = input_schema(),
             .output = output_schema(),
             .hints = kAsksModels,
             .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::panel
