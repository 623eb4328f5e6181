// adaptive_model_selection: which model a request had best be sent to, and why. No model is asked.
#include "base/clock.h"
#include "base/names.h"
#include "base/utf8.h"
#include "route/strategies/strategy.h"
#include "tools/panel/desk.h"
#include "tools/panel/panel_tools.h"
#include "tools/panel/seats.h"
#include "tools/panel/selection.h"
#include "tools/tool.h"

namespace pb::tools::panel {
namespace {

std::string input_schema() {
  std::string out = R"({"type":"object","properties":{
    "query":{"type":"string","minLength":1,"description":"What the model will be asked"},
    "task_type":{"type":"string","enum":[)";
  out.append(kTaskTypes).append(R"(],"description":"Guessed from the query where left out"},
    "strategy":{"type":"string","enum":["adaptive","performance_based","cost_optimized","speed_optimized","quality_optimized","load_balanced"],
      "default":"adaptive","description":"What counts; adaptive weighs quality, price and speed by the task's kind and difficulty"},
    "performance_requirements":{"type":"object","description":"Scores from 0 to 1 that the model should have at least; 1 is the best there is among the candidates","properties":{
      "quality":{"type":"number","minimum":0,"maximum":1},"cost":{"type":"number","minimum":0,"maximum":1},
      "speed":{"type":"number","minimum":0,"maximum":1},"reliability":{"type":"number","minimum":0,"maximum":1}},"additionalProperties":false},
    "constraints":{"type":"object","description":"What must hold","properties":{
      "max_cost":{"type":"number","minimum":0,"description":"US dollars for this request"},
      "max_latency_ms":{"type":"number","exclusiveMinimum":0,"description":"To an ordinary answer, as measured here"},
      "min_context":{"type":"integer","minimum":1,"description":"Tokens"},
      "preferred_provider":{"type":"string","minLength":1,"description":"By its name in the configuration; its models go before others that pass"},
      "needs":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["tools","vision","documents","audio"]}}},
      "additionalProperties":false},
    "max_tokens":{"type":"integer","minimum":1,"description":"Of the answer, for its price"},
    "models":{"type":"array","minItems":1,"maxItems":100,"uniqueItems":true,"items":{"type":"string","minLength":1,"maxLength":200},
      "description":"Candidates; all models that you may ask for where left out"},
    "exclude_models":{"type":"array","maxItems":100,"items":{"type":"string"}},
    "alternatives":{"type":"integer","minimum":0,"maximum":20,"default":3}
    },"required":["query"],"additionalProperties":false})");
  return out;
}

constexpr std::string_view kModel = R"({"type":"object","properties":{
  "model":{"type":"string"},"provider":{"type":"string"},"score":{"type":"number"},
  "quality":{"type":"number"},"quality_source":{"type":"string","enum":["rated","guessed from its price"]},
  "expected_cost":{"type":"number","description":"US dollars"},"expected_latency_ms":{"type":"number"},
  "success_rate":{"type":"number"},"requests_seen":{"type":"integer"},
  "cost_score":{"type":"number"},"speed_score":{"type":"number"},"meets_requirements":{"type":"boolean"},"reason":{"type":"string"}},
  "required":["model","provider","score","quality","quality_source","cost_score","speed_score","meets_requirements","reason"]})";

std::string output_schema() {
  std::string out =
      R"({"type":"object","properties":{"selected_model":{"type":"string"},"selection_reasoning":{"type":"string"},
    "confidence":{"type":"number"},"confidence_explained":{"type":"string"},"strategy_used":{"type":"string"},
    "task":{"type":"object","properties":{"kind":{"type":"string"},"difficulty":{"type":"number"},"difficulty_name":{"type":"string"}},
      "required":["kind","difficulty","difficulty_name"]},
    "selected":)";
  out.append(kModel).append(R"(,"alternative_models":{"type":"array","items":)").append(kModel).append(R"(},
    "left_out":{"type":"array","items":{"type":"object","properties":{"model":{"type":"string"},"reason":{"type":"string"}},"required":["model","reason"]}},
    "routing_metrics":{"type":"object","properties":{"candidates":{"type":"integer"},"passed":{"type":"integer"},"left_out":{"type":"integer"},
      "prompt_tokens_estimated":{"type":"integer"}},"required":["candidates","passed","left_out","prompt_tokens_estimated"]},
    "selection_time_ms":{"type":"number"}},
    "required":["selected_model","selection_reasoning","confidence","confidence_explained","strategy_used","task","selected",
      "alternative_models","left_out","routing_metrics","selection_time_ms"]})");
  return out;
}

route::Abilities needs_of(json::Value list) {
  route::Abilities out = 0;
  for (const json::Value v : list.items()) {
    const std::string_view need = v.as_string();
    out |= need == "tools"       ? route::kTools
           : need == "vision"    ? route::kVision
           : need == "documents" ? route::kDocuments
                                 : route::kAudio;
  }
  return out;
}

Wishes wishes_of(json::Value a) {
  Wishes w;
  w.aim = value_named<Aim>(kAimNames, a["strategy"].as_string()).value_or(w.aim);
  const json::Value scores = a["performance_requirements"], constraints = a["constraints"];
  w.quality = scores["quality"].as_double();
  w.cost = scores["cost"].as_double();
  w.speed = scores["speed"].as_double();
  w.reliability = scores["reliability"].as_double();
  if (constraints.has("max_cost")) w.dollars_max = constraints["max_cost"].as_double();
  if (constraints.has("max_latency_ms")) w.latency_ms_max = constraints["max_latency_ms"].as_double();
  w.context_least = constraints["min_context"].as_int();
  w.preferred_provider = constraints["preferred_provider"].as_string();
  return w;
}

void write_choice(json::Writer& w, const Field& field, const Choice& c) {
  const route::Live& live = *field.slots()[c.slot].live;
  w.begin_object();
  w.field("model", field.candidates()[c.slot].name);
  w.field("provider", field.candidates()[c.slot].provider);
  w.field("score", c.score);
  w.field("quality", c.of.quality);
  w.field("quality_source", c.of.rated ? "rated" : "guessed from its price");
  if (c.of.dollars >= 0) w.field("expected_cost", c.of.dollars);
  if (c.of.time_ms >= 0) w.field("expected_latency_ms", c.of.time_ms);
  if (c.of.measured) w.field("success_rate", c.of.success);
  if (const auto seen =
          live.answered.load(std::memory_order_relaxed) + live.failed.load(std::memory_order_relaxed);
      seen != 0)
    w.field("requests_seen", static_cast<std::int64_t>(seen));
  w.field("cost_score", c.metrics.cost);
  w.field("speed_score", c.metrics.speed);
  w.field("meets_requirements", c.meets);
  w.field("reason", told(c.of));
  w.end_object();
}

constexpr std::size_t kLeftOutShown = 50;

std::string structured(const Field& field, const Selection& s, const Wishes& wishes, const Job& job,
                       std::size_t others) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("selected_model", field.candidates()[s.choices.front().slot].name);
  w.field("selection_reasoning", s.why);
  w.field("confidence", s.confidence);
  w.field("confidence_explained", s.why_confident);
  w.field("strategy_used", name_in(kAimNames, wishes.aim));
  w.key("task");
  w.begin_object();
  w.field("kind", route::name_of(s.task.kind));
  w.field("difficulty", s.task.difficulty);
  w.field("difficulty_name", route::name_of_difficulty(s.task.difficulty));
  w.end_object();
  w.key("selected");
  write_choice(w, field, s.choices.front());
  w.key("alternative_models");
  w.begin_array();
  for (std::size_t i = 1; i < s.choices.size() && i <= others; ++i) write_choice(w, field, s.choices[i]);
  w.end_array();
  w.key("left_out");
  w.begin_array();
  for (std::size_t i = 0; i < s.left_out.size() && i < kLeftOutShown; ++i) {
    w.begin_object();
    w.field("model", field.candidates()[s.left_out[i].slot].name);
    w.field("reason", s.left_out[i].why);
    w.end_object();
  }
  w.end_array();
  w.key("routing_metrics");
  w.begin_object();
  w.field("candidates", static_cast<std::int64_t>(field.candidates().size()));
  w.field("passed", static_cast<std::int64_t>(s.choices.size()));
  w.field("left_out", static_cast<std::int64_t>(s.left_out.size()));
  w.field("prompt_tokens_estimated", facts_of(job).tokens);
  w.end_object();
  return out;
}

mcp::ToolResult nobody(const Field& field, const Selection& s) {
  constexpr std::size_t kShown = 10;
  std::string text = s.left_out.empty() ? "there is no model that you may ask for" : "no model passes:";
  for (std::size_t i = 0; i < s.left_out.size() && i < kShown; ++i)
    text += "\n" + field.candidates()[s.left_out[i].slot].name + ": " + s.left_out[i].why;
  if (s.left_out.size() > kShown) text += "\nand " + std::to_string(s.left_out.size() - kShown) + " more";
  return mcp::error_result(text);
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const std::string query(a["query"].as_string());
  const Job job{.words = query,
                .kind = kind_named(a["task_type"].as_string()),
                .tokens_max = a["max_tokens"].as_int(),
                .needs = needs_of(a["constraints"]["needs"])};
  const Wishes wishes = wishes_of(a);
  if (!wishes.preferred_provider.empty() &&
      deps.gateway.snapshot().find_upstream(wishes.preferred_provider) == nullptr)
    co_return mcp::error_result("`constraints.preferred_provider`: there is no provider `" +
                                utf8::cut(wishes.preferred_provider, 100) + "`");
  const std::int64_t began = steady_ms();
  auto field = co_await Field::make(deps, context, a["models"], a["exclude_models"]);
  if (!field) co_return mcp::error_result(field.error().message);
  std::vector<std::string> providers;
  providers.reserve(field->candidates().size());
  for (const Candidate& c : field->candidates()) providers.push_back(c.provider);
  const Selection s = select(field->slots(), providers, job, wishes, steady_ms());
  if (s.choices.empty()) co_return nobody(*field, s);
  std::string out = structured(*field, s, wishes, job, static_cast<std::size_t>(a["alternatives"].as_int(3)));
  out += ",\"selection_time_ms\":" + std::to_string(steady_ms() - began) + "}";
  std::string text = field->candidates()[s.choices.front().slot].name + ": " + s.why + ". Confidence " +
                     route::number(s.confidence, 2) + ": " + s.why_confident + ".";
  for (std::size_t i = 1; i < s.choices.size() && i <= 3; ++i)
    text += "\nElse " + field->candidates()[s.choices[i].slot].name + ": " + told(s.choices[i].of) + ".";
  co_return told_result(text, std::move(out));
}

}  // namespace

mcp::Tool adaptive_model_selection(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "adaptive_model_selection",
             .title = "Choose a model for a request",
             .description =
                 "Chooses the model for a request by what the router knows: ratings of quality, prices, "
                 "measured speed and success. Explains the choice and tells alternatives; asks no model.",
             .input = input_schema(),
             .output = output_schema(),
             .hints = kReads});
}

}  // namespace pb::tools::panel
