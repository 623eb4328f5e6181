// A request to Cohere: everything but its messages.
#include <algorithm>

#include "llm/cohere/cohere.h"
#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/schema.h"

namespace pb::llm::cohere {
namespace {

using json::Writer;

constexpr std::size_t kStopMax = 5;
constexpr std::int64_t kTopKMax = 500;

struct EffortRow {
  Str effort;
  std::int64_t budget;  // 0 = as much as the model likes
};
constexpr EffortRow kEfforts[] = {{"minimal", 1024}, {"low", 2048}, {"medium", 8192},
                                  {"high", 0},       {"xhigh", 0},  {"max", 0}};

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  Writer& w;
  json::Arena scratch;  // cleaned schemas
  bool same = r.format == kName;

  void sampling();
  void tools();
  void tool(const Tool& t);
  void strictness(const std::vector<const Tool*>& sent);
  void response_format();
  void thinking();
  void rest();
};

void Encoder::sampling() {
  const auto number = [&](Str name, const std::optional<double>& v, double low, double high) {
    if (v) w.field(name, same ? *v : std::clamp(*v, low, high));
  };
  if (r.max_tokens) w.field("max_tokens", *r.max_tokens);
  number("temperature", r.temperature, 0, 1);
  number("p", r.top_p, 0.01, 0.99);
  if (r.top_k) w.field("k", same ? *r.top_k : std::min(*r.top_k, kTopKMax));
  // Negative penalties reward repetition, which nothing here can say.
  const auto penalty = [&](Str name, const std::optional<double>& v) {
    if (v.value_or(0) < 0 && !same)
      dropped.add(name);
    else
      number(name, v, 0, 1);
  };
  penalty("frequency_penalty", r.frequency_penalty);
  penalty("presence_penalty", r.presence_penalty);
  if (r.seed && *r.seed >= 0)
    w.field("seed", *r.seed);
  else if (r.seed)
    dropped.add("seed");
  if (r.logprobs) w.field("logprobs", *r.logprobs);
  if (r.stop.empty()) return;
  const std::size_t kept = same ? r.stop.size() : std::min(r.stop.size(), kStopMax);
  if (kept < r.stop.size()) dropped.add("stop");
  w.strings("stop_sequences", std::span(r.stop).first(kept));
}

void Encoder::tool(const Tool& t) {
  w.begin_object();
  if (t.kind == Tool::Kind::custom) {
    openai_chat::write_custom_as_function(w, t);
  } else {
    w.field("type", "function");
    w.key("function");
    w.begin_object();
    w.field("name", t.name);
    if (!t.description.empty()) w.field("description", t.description);
    w.field("parameters", tool_schema(t.parameters, scratch));
    if (same)
      write_rest(w, t.extra);
    else
      openai_chat::drop_extra(t.extra, dropped);
    w.end_object();
  }
  w.end_object();
  if (t.cache.on) dropped.add("cache_control");
}

void Encoder::tools() {
  using Kind = ToolChoice::Kind;
  std::vector<const Tool*> sent;
  for (const Tool& t : r.tools) {
    if (t.kind == Tool::Kind::opaque)
      dropped.add("provider_tools");
    else if (may_be_called(r, t) && (r.tool_choice.kind != Kind::named || t.name == r.tool_choice.name))
      sent.push_back(&t);
  }
  if (sent.empty()) return;
  w.key("tools");
  w.begin_array();
  for (const Tool* t : sent) tool(*t);
  w.end_array();
  strictness(sent);
  if (r.tool_choice.kind == Kind::none) w.field("tool_choice", "NONE");
  if (r.tool_choice.kind == Kind::required || r.tool_choice.kind == Kind::named)
    w.field("tool_choice", "REQUIRED");
  if (!r.parallel_tool_calls.value_or(true)) dropped.add("parallel_tool_calls");
}

// One switch for all tools, which wants at least one required parameter in each.
void Encoder::strictness(const std::vector<const Tool*>& sent) {
  const auto strict = [](const Tool* t) { return t->strict.value_or(false); };
  if (std::none_of(sent.begin(), sent.end(), strict)) return;
  const bool all = std::all_of(sent.begin(), sent.end(), [&](const Tool* t) {
    return strict(t) && (same || t->parameters["required"].size() > 0);
  });
  if (all)
    w.field("strict_tools", true);
  else
    dropped.add("tools.strict");
}

void Encoder::response_format() {
  using Kind = ResponseFormat::Kind;
  const ResponseFormat& f = r.response_format;
  if (f.kind == Kind::unset) return;
  w.key("response_format");
  w.begin_object();
  w.field("type", f.kind == Kind::text ? "text" : "json_object");
  if (f.kind == Kind::json_schema && f.schema.is_object())
    w.field("json_schema", same ? f.schema : tool_schema(f.schema, scratch));
  w.end_object();
}

void Encoder::thinking() {
  if (!r.thinking.display.empty()) dropped.add("thinking.display");
  using Kind = Thinking::Kind;
  Kind kind = r.thinking.kind;
  std::int64_t budget = r.thinking.budget_tokens;
  if (kind == Kind::unset && !r.effort.empty()) kind = r.effort == "none" ? Kind::disabled : Kind::enabled;
  if (kind == Kind::adaptive && !r.effort.empty()) kind = Kind::enabled;
  if (kind == Kind::unset || kind == Kind::adaptive) return;  // the model's default
  if (budget == 0)
    for (const EffortRow& row : kEfforts)
      if (row.effort == r.effort) budget = row.budget;
  const bool can =
      same || options.quirks.reasoning_effort || reasons(options.model.empty() ? r.model : options.model);
  if (!can) {  // does not think anyway
    if (kind == Kind::enabled) dropped.add(r.effort.empty() ? "thinking" : "reasoning_effort");
    return;
  }
  w.key("thinking");
  w.begin_object();
  w.field("type", kind == Kind::enabled ? "enabled" : "disabled");
  if (kind == Kind::enabled && budget > 0) w.field("token_budget", budget);
  w.end_object();
}

void Encoder::rest() {
  const auto lost = [&](Str name, bool there) {
    if (there) dropped.add(name);
  };
  lost("n", r.n.value_or(1) != 1);
  lost("top_logprobs", r.top_logprobs.value_or(0) != 0);
  lost("logit_bias", r.logit_bias.size() > 0);
  lost("user", !r.user.empty());
  lost("metadata", r.metadata.size() > 0);
  lost("store", r.store.value_or(false));
  lost("service_tier", !r.service_tier.empty());
  lost("verbosity", !r.verbosity.empty());
  lost("prompt_cache_key", !r.prompt_cache_key.empty());
  if (same)
    write_rest(w, r.extra);
  else
    openai_chat::drop_extra(r.extra, dropped);
}

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  Writer w(out);
  Encoder e{r, options, dropped, w, {}};
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  if (!write_messages(r, options, dropped, w))
    return fail(Code::invalid_request, "messages: no message has content that Cohere's format can carry",
                "messages");
  e.tools();
  e.sampling();
  e.response_format();
  e.thinking();
  if (r.stream) w.field("stream", true);
  e.rest();
  w.end_object();
  return {};
}

}  // namespace pb::llm::cohere
