// A request to a provider: everything but its messages.
#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using json::Writer;

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  Writer& w;
  bool same = r.format == kName;

  void sampling();
  void reasoning();
  void service_tier();
  void rest();
};

void Encoder::sampling() {
  auto number = [&](std::string_view name, const auto& v) {
    if (v) w.field(name, *v);
  };
  number(options.quirks.max_completion_tokens ? "max_completion_tokens" : "max_tokens", r.max_tokens);
  number("temperature", r.temperature);
  number("top_p", r.top_p);
  number("frequency_penalty", r.frequency_penalty);
  number("presence_penalty", r.presence_penalty);
  if (r.top_k) {
    if (options.quirks.openrouter)
      w.field("top_k", *r.top_k);
    else
      dropped.add("top_k");
  }
  number("seed", r.seed);
  number("n", r.n);
  number("logprobs", r.logprobs);
  number("top_logprobs", r.top_logprobs);
  number("store", r.store);
  if (!r.logit_bias.is_null()) w.field("logit_bias", r.logit_bias);
  if (r.stop.empty()) return;
  w.strings("stop", r.stop);
}

void Encoder::reasoning() {
  const Thinking& t = r.thinking;
  if (options.quirks.openrouter) {
    bool omitted = t.display == "omitted";
    if (r.effort.empty() && t.kind == Thinking::Kind::unset && !omitted) return;
    w.key("reasoning");
    w.begin_object();
    if (t.kind == Thinking::Kind::disabled)
      w.field("enabled", false);
    else if (!r.effort.empty())
      w.field("effort", r.effort);
    else if (t.budget_tokens > 0)
      w.field("max_tokens", t.budget_tokens);
    else if (t.kind != Thinking::Kind::unset)
      w.field("enabled", true);
    if (omitted) w.field("exclude", true);
    w.end_object();
    return;
  }
  if (!t.display.empty()) dropped.add("thinking.display");
  if (t.kind == Thinking::Kind::disabled && r.effort.empty()) return dropped.add("thinking.disabled");
  Str effort = r.effort;
  bool from_budget = effort.empty() && t.kind == Thinking::Kind::enabled;
  if (from_budget) effort = effort_of_budget(t.budget_tokens);
  if (effort.empty()) return;
  if (options.quirks.reasoning_effort)
    w.field("reasoning_effort", effort);
  else
    dropped.add(from_budget ? "thinking" : "reasoning_effort");
}

void Encoder::service_tier() {
  if (r.service_tier.empty()) return;
  if (r.service_tier == "standard_only")
    w.field("service_tier", "default");
  else
    w.field("service_tier", r.service_tier);
}

void Encoder::rest() {
  constexpr std::size_t kUserMax = 64;  // OpenAI's; other formats' clients write whole JSON texts
  auto text = [&](std::string_view name, Str value) {
    if (!value.empty()) w.field(name, value);
  };
  if (!r.user.empty()) w.field("user", same ? std::string(r.user) : bounded(r.user, kUserMax));
  text("verbosity", r.verbosity);
  text("prompt_cache_key", r.prompt_cache_key);
  if (!r.metadata.is_null()) w.field("metadata", r.metadata);
  for (const json::Member& m : r.extra.members()) {
    if (m.key == kAllowedTools && same) continue;  // write_tools()
    if (same)
      w.field(m.key, m.value);
    else if (!m.value.is_null())
      dropped.add(m.key);
  }
}

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  Writer w(out);
  Encoder e{r, options, dropped, w};
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  encode_messages(r, options, dropped, w);
  write_tools(r, options.quirks, kOpenai, dropped, w);
  e.sampling();
  e.reasoning();
  write_response_format(r, options.quirks, kOpenai, dropped, w);
  e.service_tier();
  if (r.stream) {
    w.field("stream", true);
    if (options.quirks.stream_options) {  // usage is always wanted, for the ledger
      w.key("stream_options");
      w.begin_object();
      w.field("include_usage", true);
      w.end_object();
    }
  }
  e.rest();
  w.end_object();
  return {};
}

}  // namespace pb::llm::openai_chat
