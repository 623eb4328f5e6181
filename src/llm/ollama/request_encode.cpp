// A request to a provider: everything but its messages.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/ollama/ollama.h"

namespace pb::llm::ollama {
namespace {

using json::Writer;

constexpr std::int64_t kLowBudget = 4096;      // thinking budgets up to this are level "low"
constexpr std::int64_t kMediumBudget = 16384;  // up to this "medium", above "high"

struct Encoder {
  const Request& r;
  Dropped& dropped;
  Writer& w;
  json::Arena scratch;  // cleaned schemas
  bool same = r.format == kName;

  void tools();
  void tool(const Tool& t);
  void custom_tool(const Tool& t);
  bool offered(const Tool& t);
  void options();
  void response_format();
  void think();
  void rest();
};

// --- tools ---

// Free-text tools become functions of one string; the grammar is told, not enforced.
void Encoder::custom_tool(const Tool& t) {
  std::string description(t.description);
  const json::Value format = t.raw.has("custom") ? t.raw["custom"]["format"] : t.raw["format"];
  if (!format.is_null())
    description.append("\nThe input must follow this format: ").append(json::to_text(format));
  if (!description.empty()) w.field("description", std::string_view(description));
  w.key("parameters");
  w.raw(R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
}

void Encoder::tool(const Tool& t) {
  w.begin_object();
  w.field("type", "function");
  w.key("function");
  w.begin_object();
  w.field("name", t.name);
  if (t.kind == Tool::Kind::custom) {
    custom_tool(t);
  } else {
    if (!t.description.empty()) w.field("description", t.description);
    if (!same)
      w.field("parameters", tool_parameters(t.parameters, scratch));
    else if (!t.parameters.is_null())
      w.field("parameters", t.parameters);
  }
  const bool own = t.format == kName;
  if (own) write_prefixed(w, t.extra, kFunctionPrefix);
  w.end_object();
  if (own) write_unprefixed(w, t.extra, kFunctionPrefix);
  w.end_object();
  if (!own)
    for (const json::Member& m : t.extra.members()) dropped.add(m.key);
  if (t.strict.value_or(false)) dropped.add("tools.strict");
  if (t.cache.on) dropped.add("cache_control");
}

// The format cannot say which tool to call, but it need not hear of the others.
bool Encoder::offered(const Tool& t) {
  if (t.kind == Tool::Kind::opaque) {
    dropped.add("provider_tools");
    return false;
  }
  return may_be_called(r, t) &&
         (r.tool_choice.kind != ToolChoice::Kind::named || t.name == r.tool_choice.name);
}

void Encoder::tools() {
  using Kind = ToolChoice::Kind;
  if (r.tools.empty() || r.tool_choice.kind == Kind::none) return;
  std::vector<const Tool*> list;
  for (const Tool& t : r.tools)
    if (offered(t)) list.push_back(&t);
  if (r.tool_choice.kind == Kind::required || r.tool_choice.kind == Kind::named) dropped.add("tool_choice");
  if (r.parallel_tool_calls && !*r.parallel_tool_calls) dropped.add("parallel_tool_calls");
  if (list.empty()) return;
  w.key("tools");
  w.begin_array();
  for (const Tool* t : list) tool(*t);
  w.end_array();
}

// --- parameters ---

void Encoder::options() {
  bool open = false;
  auto begin = [&] {
    if (open) return;
    open = true;
    w.key("options");
    w.begin_object();
  };
  auto number = [&](std::string_view name, const auto& v) {
    if (!v) return;
    begin();
    w.field(name, *v);
  };
  number("num_predict", r.max_tokens);
  number("temperature", r.temperature);
  number("top_p", r.top_p);
  number("top_k", r.top_k);
  number("seed", r.seed);
  number("frequency_penalty", r.frequency_penalty);
  number("presence_penalty", r.presence_penalty);
  if (!r.stop.empty()) {
    begin();
    w.strings("stop", r.stop);
  }
  if (same)
    for (const json::Member& m : r.extra.members())
      if (m.key.starts_with(kOptionPrefix)) {
        begin();
        w.field(m.key.substr(kOptionPrefix.size()), m.value);
      }
  if (open) w.end_object();
}

// A schema is enforced by the server, strict or not.
void Encoder::response_format() {
  using Kind = ResponseFormat::Kind;
  const ResponseFormat& f = r.response_format;
  if (f.kind == Kind::json_schema && f.schema.is_object())
    w.field("format", f.schema);
  else if (f.kind == Kind::json_object || f.kind == Kind::json_schema)
    w.field("format", "json");
}

// As the server itself reads OpenAI's efforts.
Str level_of(Str effort) {
  if (effort == "minimal") return "low";
  if (effort == "xhigh") return "max";
  return effort;
}

Str level_of(std::int64_t budget) {
  if (budget <= kLowBudget) return "low";
  return budget <= kMediumBudget ? "medium" : "high";
}

void Encoder::think() {
  using Kind = Thinking::Kind;
  const Thinking& t = r.thinking;
  if (!t.display.empty()) dropped.add("thinking.display");
  if (t.kind == Kind::disabled || r.effort == "none") return w.field("think", false);
  if (!r.effort.empty()) return w.field("think", level_of(r.effort));
  if (t.kind != Kind::enabled) return;  // models that think do so by default
  if (t.budget_tokens > 0)
    w.field("think", level_of(t.budget_tokens));
  else
    w.field("think", true);
}

void Encoder::rest() {
  if (r.logprobs) w.field("logprobs", *r.logprobs);
  if (r.top_logprobs) w.field("top_logprobs", *r.top_logprobs);
  if (r.n.value_or(1) > 1) dropped.add("n");
  auto lost = [&](bool given, std::string_view name) {
    if (given) dropped.add(name);
  };
  lost(!r.logit_bias.is_null(), "logit_bias");
  lost(!r.user.empty(), "user");
  lost(!r.metadata.is_null(), "metadata");
  lost(r.store.has_value(), "store");
  lost(!r.service_tier.empty(), "service_tier");
  lost(!r.verbosity.empty(), "verbosity");
  lost(!r.prompt_cache_key.empty(), "prompt_cache_key");
  for (const json::Member& m : r.extra.members()) {
    if (!same)
      dropped.add(m.key);
    else if (!m.key.starts_with(kOptionPrefix))
      w.field(m.key, m.value);
  }
}

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  Writer w(out);
  Encoder e{r, dropped, w, {}};
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  w.field("stream", r.stream);
  encode_messages(r, dropped, w);
  e.tools();
  e.options();
  e.response_format();
  e.think();
  e.rest();
  w.end_object();
  return {};
}

// Clients of other formats ask every model to think; a server refuses it for those that do not.
bool relax(const Error& error, Request& r, Dropped& dropped) {
  const bool asked = !r.effort.empty() || r.thinking.kind == Thinking::Kind::enabled;
  if (r.format == kName || !asked || !error.message.ends_with("does not support thinking")) return false;
  dropped.add(r.effort.empty() ? "thinking" : "reasoning_effort");
  r.effort = {};
  r.thinking = {};
  return true;
}

}  // namespace pb::llm::ollama
