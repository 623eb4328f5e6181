// A request to Mistral: everything but its messages. Members it does not know are refused there, so none is sent.
#include <algorithm>

#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

using json::Writer;

constexpr std::int64_t kLowBudget = 4096;      // thinking budgets up to this are effort "low"
constexpr std::int64_t kMediumBudget = 16384;  // up to this "medium", above "high"
constexpr double kTemperatureMax = 1.5;

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  Writer& w;
  bool same = r.format == kName;

  void sampling();
  void reasoning();
  void rest();
  void not_in_the_format();
};

void Encoder::sampling() {
  const auto number = [&](Str name, const auto& v) {
    if (v) w.field(name, *v);
  };
  number("max_tokens", r.max_tokens);
  if (r.temperature)
    w.field("temperature", same ? *r.temperature : std::min(*r.temperature, kTemperatureMax));
  number("top_p", r.top_p);
  number("frequency_penalty", r.frequency_penalty);
  number("presence_penalty", r.presence_penalty);
  if (r.seed && (*r.seed >= 0 || same))
    w.field("random_seed", *r.seed);
  else if (r.seed)
    dropped.add("seed");
  number("n", r.n);
  if (r.stop.empty()) return;
  w.strings("stop", r.stop);
}

Str asked_effort(const Request& r) {
  const Thinking& t = r.thinking;
  if (!r.effort.empty()) return r.effort == "max" ? Str("xhigh") : r.effort;
  if (t.kind == Thinking::Kind::disabled) return "none";
  if (t.kind != Thinking::Kind::enabled) return {};
  if (t.budget_tokens == 0) return "medium";
  if (t.budget_tokens <= kLowBudget) return "low";
  return t.budget_tokens <= kMediumBudget ? "medium" : "high";
}

void Encoder::reasoning() {
  if (!r.thinking.display.empty()) dropped.add("thinking.display");
  if (same && r.thinking.kind == Thinking::Kind::enabled) w.field("prompt_mode", "reasoning");
  const Str effort = same ? r.effort : asked_effort(r);
  if (effort.empty()) return;
  if (same || options.quirks.reasoning_effort) return w.field("reasoning_effort", effort);
  const bool off = effort == "none";
  switch (reasoning_of(options.model.empty() ? r.model : options.model)) {
    case Reasoning::none:  // does not think anyway
      if (!off) dropped.add(r.effort.empty() ? "thinking" : "reasoning_effort");
      return;
    case Reasoning::always:
      if (off) dropped.add("thinking.disabled");
      return;
    case Reasoning::on_off:
      return w.field("reasoning_effort", off || effort == "minimal" ? "none" : "high");
    case Reasoning::levels:
      if (effort == "minimal") return w.field("reasoning_effort", "low");
      return w.field("reasoning_effort", effort == "xhigh" ? Str("high") : effort);
  }
}

void Encoder::rest() {
  if (!r.prompt_cache_key.empty()) w.field("prompt_cache_key", r.prompt_cache_key);
  if (!r.metadata.is_null()) w.field("metadata", r.metadata);
  if (const Str tier = r.service_tier; !tier.empty()) {
    if (same || tier == "auto" || tier == "standard_only")
      w.field("service_tier", tier);
    else if (tier == "default")
      w.field("service_tier", "standard_only");
    else
      dropped.add("service_tier");
  }
  // Predicted text is the one member that OpenAI's format writes alike.
  const json::Value prediction = same ? json::Value() : r.extra["prediction"];
  const bool predicts = r.format == openai_chat::kName && prediction["content"].is_string();
  if (predicts) w.field("prediction", prediction);
  if (same) return openai_chat::write_extra(w, r.extra);
  for (const json::Member& m : r.extra.members())
    if (!m.value.is_null() && !(predicts && m.key == "prediction")) dropped.add(m.key);
}

// Other formats' parameters: written back only where they came from.
void Encoder::not_in_the_format() {
  const auto give = [&](Str name, bool there, const auto& value) {
    if (!there) return;
    if (same)
      w.field(name, value);
    else
      dropped.add(name);
  };
  give("top_k", r.top_k.has_value(), r.top_k.value_or(0));
  give("logprobs", r.logprobs.value_or(false), true);
  give("top_logprobs", r.top_logprobs.value_or(0) != 0, r.top_logprobs.value_or(0));
  give("logit_bias", r.logit_bias.size() > 0, r.logit_bias);
  give("store", r.store.value_or(false), true);
  give("user", !r.user.empty(), r.user);
  give("verbosity", !r.verbosity.empty(), r.verbosity);
}

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  Writer w(out);
  Encoder e{r, options, dropped, w};
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  if (!write_messages(r, options, dropped, w))
    return fail(Code::invalid_request, "messages: no message has content that Mistral's format can carry",
                "messages");
  Quirks quirks = options.quirks;
  quirks.json_schema = true;
  quirks.openrouter = false;
  openai_chat::write_tools(r, quirks, kVariant, dropped, w);
  e.sampling();
  e.reasoning();
  openai_chat::write_response_format(r, quirks, kVariant, dropped, w);
  if (r.stream) w.field("stream", true);
  e.rest();
  e.not_in_the_format();
  w.end_object();
  return {};
}

}  // namespace pb::llm::mistral
