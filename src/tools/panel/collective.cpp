// collective_chat_completion: one prompt to several models at once, and one answer from theirs.
#include <cmath>

#include "base/names.h"
#include "base/utf8.h"
#include "route/strategies/strategy.h"
#include "tools/panel/agreement.h"
#include "tools/panel/desk.h"
#include "tools/panel/judge.h"
#include "tools/panel/panel_tools.h"
#include "tools/panel/seats.h"
#include "tools/tool.h"

namespace pb::tools::panel {
namespace {

constexpr SeatRules kSeats = {.least_default = 3, .most_default = 5, .least_ever = 2};

std::string input_schema() {
  std::string out = R"({"type":"object","properties":{
    "prompt":{"type":"string","minLength":1,"description":"What every model is asked"},
    "strategy":{"type":"string","enum":["majority_vote","weighted_average","confidence_threshold","semantic_similarity","expert_selection"],
      "default":"majority_vote","description":"How one answer is made of several: the largest group of answers that agree; the same by weight and stated confidence (of numbers their weighted mean); among those that state enough confidence; the answer that is most like all others; the answer of the model of greatest weight"},
    "task_type":{"type":"string","enum":[)";
  out.append(kTaskTypes)
      .append(
          R"(],"description":"What kind of task it is, for choosing and weighing models; guessed where left out"},)");
  out += seat_properties(kSeats);
  out += R"(,
    "confidence_threshold":{"type":"number","minimum":0,"maximum":1,"default":0.7,"description":"For the strategy of that name"},
    "similarity_threshold":{"type":"number","minimum":0,"maximum":1,"description":"How alike two answers must be to agree: 0.6, with an embedding model 0.85"},
    "model_weights":{"type":"object","maxProperties":10,"additionalProperties":{"type":"number","exclusiveMinimum":0,"maximum":1000},
      "description":"Weights by model; else what the router knows of its quality, 0 to 1"},
    "judge_model":{"type":"string","minLength":1,"description":"A model that tells which answers come to the same; without it that is told from their words alone"},
    "embedding_model":{"type":"string","minLength":1,"description":"A model for embeddings, by which answers are compared where words do not tell: how alike their meanings are"},
    "short_answers":{"type":"boolean","default":true,"description":"Models are asked to end with their answer in short and their confidence, which is what is compared; false: the prompt goes out as it is"},)";
  out.append(kCommonProperties).append(R"(},"required":["prompt"],"additionalProperties":false})");
  return out;
}

constexpr std::string_view kOutput = R"({"type":"object","properties":{
  "consensus_response":{"type":"string"},
  "short_answer":{"type":"string"},
  "consensus_reached":{"type":"boolean","description":"false: the strategy's condition did not hold, and the response is the best there is"},
  "agreement_level":{"type":"string","enum":["unanimous","high","moderate","low","none"]},
  "confidence_score":{"type":"number","description":"0 to 1; `explanation` says what it is made of"},
  "explanation":{"type":"string"},
  "strategy_used":{"type":"string"},
  "tie":{"type":"boolean"},
  "participating_models":{"type":"array","items":{"type":"string"}},
  "groups":{"type":"array","description":"Models whose answers agree, the largest group first","items":{"type":"array","items":{"type":"string"}}},
  "individual_responses":{"type":"array","items":{"type":"object","properties":{
    "model":{"type":"string"},"provider":{"type":"string"},"response":{"type":"string"},"short_answer":{"type":"string"},
    "stated_confidence":{"type":"number"},"weight":{"type":"number"},"group":{"type":"integer"},
    "similarity_to_consensus":{"type":"number"},"compared_by":{"type":"string"},
    "latency_ms":{"type":"number"},"cost":{"type":"number"}},
    "required":["model","provider","response","weight","group","similarity_to_consensus","compared_by","latency_ms"]}},
  "failures":FAILURES,
  "quality_metrics":{"type":"object","properties":{
    "asked":{"type":"integer"},"answered":{"type":"integer"},"mean_similarity":{"type":"number"},
    "largest_group_share":{"type":"number"},"mean_stated_confidence":{"type":"number"},"judged_by":{"type":"string"},"judge_error":{"type":"string"},"embedded_by":{"type":"string"},"embedding_error":{"type":"string"}},
    "required":["asked","answered","mean_similarity","largest_group_share"]},
  "usage":USAGE,
  "processing_time":{"type":"number","description":"Seconds"}},
  "required":["consensus_response","consensus_reached","agreement_level","confidence_score","explanation","strategy_used",
    "participating_models","groups","individual_responses","failures","quality_metrics","usage","processing_time"]})";

struct Told {  // one answer that came
  std::string name;
  ModelAnswer answer;
};

// Everything that the result tells.
struct Outcome {
  std::vector<Told> told;
  std::vector<Vote> votes;
  std::vector<Failure> failures;
  std::size_t asked = 0;
  Matrix alike{0};
  Consensus consensus;
  Strategy strategy = Strategy::majority_vote;
  std::string judge, judge_error, embedder, embedding_error;
  std::string response;
};

std::string number_text(double value) {
  std::string out;
  json::Writer(out).real(std::round(value * 1e9) / 1e9);
  return out;
}

void write_individuals(json::Writer& w, const Outcome& o) {
  std::vector<int> group_of(o.votes.size(), 0);
  for (std::size_t g = 0; g < o.consensus.groups.size(); ++g)
    for (const std::size_t i : o.consensus.groups[g]) group_of[i] = static_cast<int>(g);
  w.key("individual_responses");
  w.begin_array();
  for (std::size_t i = 0; i < o.votes.size(); ++i) {
    const Said& said = o.votes[i].said;
    const ModelAnswer& a = o.told[i].answer;
    w.begin_object();
    w.field("model", o.told[i].name);
    w.field("provider", a.provider);
    w.field("response", said.text);
    if (!said.brief.empty()) w.field("short_answer", said.brief);
    if (said.confidence) w.field("stated_confidence", *said.confidence);
    w.field("weight", o.votes[i].weight);
    w.field("group", group_of[i]);
    w.field("similarity_to_consensus", o.alike.at(i, o.consensus.speaker).value);
    w.field("compared_by", i == o.consensus.speaker ? std::string_view("itself")
                                                    : name_of(o.alike.at(i, o.consensus.speaker).measure));
    w.field("latency_ms", static_cast<double>(a.latency_us) / 1'000);
    if (a.cost_known) w.field("cost", a.cost);
    w.end_object();
  }
  w.end_array();
}

void write_metrics(json::Writer& w, const Outcome& o) {
  double sum = 0;
  int n = 0;
  for (const Vote& v : o.votes)
    if (v.said.confidence) sum += *v.said.confidence, ++n;
  w.key("quality_metrics");
  w.begin_object();
  w.field("asked", static_cast<std::int64_t>(o.asked));
  w.field("answered", static_cast<std::int64_t>(o.votes.size()));
  w.field("mean_similarity", o.alike.mean());
  w.field("largest_group_share",
          static_cast<double>(o.consensus.groups.front().size()) / static_cast<double>(o.votes.size()));
  if (n != 0) w.field("mean_stated_confidence", sum / n);
  if (!o.judge.empty()) w.field("judged_by", o.judge);
  if (!o.judge_error.empty()) w.field("judge_error", o.judge_error);
  if (!o.embedder.empty()) w.field("embedded_by", o.embedder);
  if (!o.embedding_error.empty()) w.field("embedding_error", o.embedding_error);
  w.end_object();
}

void write_names(json::Writer& w, const Outcome& o) {
  w.key("participating_models");
  w.begin_array();
  for (const Told& t : o.told) w.string(t.name);
  w.end_array();
  w.key("groups");
  w.begin_array();
  for (const auto& g : o.consensus.groups) {
    w.begin_array();
    for (const std::size_t i : g) w.string(o.told[i].name);
    w.end_array();
  }
  w.end_array();
}

mcp::ToolResult result_of(const Outcome& o, const Desk& desk) {
  const Said& said = o.votes[o.consensus.speaker].said;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("consensus_response", o.response);
  if (!said.brief.empty() && !o.consensus.mean) w.field("short_answer", said.brief);
  w.field("consensus_reached", o.consensus.reached);
  w.field("agreement_level", name_of(o.consensus.level));
  w.field("confidence_score", o.consensus.confidence);
  w.field("explanation", o.consensus.why);
  w.field("strategy_used", name_in(kStrategyNames, o.strategy));
  w.field("tie", o.consensus.tie);
  write_names(w, o);
  write_individuals(w, o);
  write_failures(w, o.failures);
  write_metrics(w, o);
  w.key("usage");
  desk.bill().write(w);
  w.field("processing_time", static_cast<double>(desk.elapsed_ms()) / 1'000);
  w.end_object();
  std::string text = o.response + "\n\n[agreement " + std::string(name_of(o.consensus.level)) +
                     ", confidence " + route::number(o.consensus.confidence, 2) + ": " + o.consensus.why +
                     "]";
  return told_result(text, std::move(out));
}

mcp::ToolResult too_few(const Outcome& o, std::size_t least, const Desk& desk) {
  std::string text = std::to_string(o.votes.size()) + " of " + std::to_string(o.asked) +
                     " models answered, and " + std::to_string(least) + " are needed (`min_models`).";
  for (const Failure& f : o.failures) text += "\n" + f.model + ": " + f.error;
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_failures(w, o.failures);
  w.key("individual_responses");
  w.begin_array();
  for (std::size_t i = 0; i < o.told.size(); ++i) {
    w.begin_object();
    w.field("model", o.told[i].name);
    w.field("response", o.votes[i].said.text);
    w.end_object();
  }
  w.end_array();
  w.key("usage");
  desk.bill().write(w);
  w.end_object();
  return failed_result(text, out);
}

// Who agrees with whom, as a model sees it; "" = it has told.
Task<std::string> judged(Desk& desk, Outcome& o, std::string prompt,
                         std::vector<std::vector<std::size_t>>& groups) {
  std::vector<Said> said;
  said.reserve(o.votes.size());
  for (const Vote& v : o.votes) said.push_back(v.said);
  const Shape shape = groups_shape(said.size());
  ModelQuestion question = desk.question(o.judge, shape.instructions(), judge_prompt(prompt, said));
  question.temperature = 0;
  question.max_tokens = 0;
  const Result<Reply> reply = co_await desk.ask_json(std::move(question), shape);
  if (!reply) co_return reply.error().message;
  json::Arena arena;
  groups = read_groups(json::parse(reply->json, arena).value_or(json::Value()));
  o.alike = matrix_of(groups, said.size());
  co_return std::string();
}

// Compares by vectors where words do not tell.
Task<void> embedded(Desk& desk, Outcome& o) {
  constexpr std::size_t kTextBytes = 8'000;
  std::vector<std::string> texts;
  texts.reserve(o.votes.size());
  for (const Vote& v : o.votes)
    texts.push_back(utf8::cut(v.said.brief.empty() ? v.said.text : v.said.brief, kTextBytes));
  const Result<Vectors> vectors = co_await desk.embed(o.embedder, std::move(texts));
  if (vectors)
    use_vectors(o.alike, vectors->of);
  else
    o.embedding_error = vectors.error().message;
}

void take_answers(Outcome& o, std::vector<Result<ModelAnswer>>& answers, const Field& field,
                  const Seats& seats, const Job& job, json::Value weights, bool brief) {
  const std::vector<route::Weighed> known = field.weighed(seats.members, job);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string& name = field.candidates()[seats.members[i]].name;
    if (!answers[i]) {
      o.failures.push_back({name, answers[i].error().message});
      continue;
    }
    Said said = brief ? read_said(answers[i]->text) : Said{answers[i]->text, {}, {}};
    if (words_of(said.text).empty()) {
      o.failures.push_back({name, "its answer is empty (" + answers[i]->finish_reason + ")"});
      continue;
    }
    constexpr double kWeightLeast = 0.01;
    const double weight = weights[name].as_double(std::max(kWeightLeast, known[i].quality));
    o.votes.push_back({std::move(said), weight});
    o.told.push_back({name, std::move(*answers[i])});
  }
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const std::string prompt(a["prompt"].as_string());
  Job job{.words = prompt,
          .kind = kind_named(a["task_type"].as_string()),
          .tokens_max = a["max_tokens"].as_int()};
  auto field = co_await Field::make(deps, context, a["models"], a["exclude_models"]);
  if (!field) co_return mcp::error_result(field.error().message);
  auto seats = take_seats(*field, job, a, kSeats);
  if (!seats) co_return mcp::error_result(seats.error().message);

  Outcome o;
  o.strategy =
      value_named<Strategy>(kStrategyNames, a["strategy"].as_string()).value_or(Strategy::majority_vote);
  o.asked = seats->members.size();
  o.judge = a["judge_model"].as_string();
  o.embedder = a["embedding_model"].as_string();
  const bool brief = a["short_answers"].as_bool(true);
  Desk desk(deps, context, a);
  std::vector<ModelQuestion> questions;
  for (const std::size_t m : seats->members)
    questions.push_back(
        desk.question(field->candidates()[m].name, brief ? kSayBriefly : std::string_view(), prompt));
  desk.expect(static_cast<int>(questions.size()) + (o.judge.empty() ? 0 : 1) + (o.embedder.empty() ? 0 : 1));
  std::vector<Result<ModelAnswer>> answers = co_await desk.ask_all(std::move(questions));
  take_answers(o, answers, *field, *seats, job, a["model_weights"], brief);
  if (o.votes.size() < seats->least) co_return too_few(o, seats->least, desk);

  std::vector<Said> said;
  said.reserve(o.votes.size());
  for (const Vote& v : o.votes) said.push_back(v.said);
  o.alike = compare_all(said);
  if (!o.embedder.empty() && said.size() > 1) co_await embedded(desk, o);
  const bool by_vectors = !o.embedder.empty() && o.embedding_error.empty();
  const Rules rules{.strategy = o.strategy,
                    .alike = a["similarity_threshold"].as_double(by_vectors ? 0.85 : 0.6),
                    .confident = a["confidence_threshold"].as_double(0.7)};
  std::vector<std::vector<std::size_t>> groups = group(o.alike, rules.alike);
  if (!o.judge.empty() && said.size() > 1) o.judge_error = co_await judged(desk, o, prompt, groups);
  o.consensus = decide(o.votes, o.alike, std::move(groups), rules);
  if (!o.judge_error.empty())
    o.consensus.why += "; the judge could not tell, so this is from the words alone";
  o.response = o.consensus.mean ? number_text(*o.consensus.mean) : said[o.consensus.speaker].text;
  co_return result_of(o, desk);
}

}  // namespace

mcp::Tool collective_chat_completion(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "collective_chat_completion",
             .title = "Collective answer",
             .description = "Asks several models the same at once and makes one answer of theirs: tells how "
                            "far they agree, how that was measured, and every single answer.",
             .input = input_schema(),
             .output = filled(kOutput),
             .hints = kAsksModels,
             .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::panel
