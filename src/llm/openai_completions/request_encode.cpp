// A request to a provider that completes text: prompts as they came, or a conversation as a transcript.
#include <algorithm>

#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using Kind = Block::Kind;

constexpr std::size_t kStopMax = 4;  // the API's own limit
// Who sends a conversation and no limit wants a whole answer; this API's own default is 16 tokens. Models that only complete
// texts have contexts of 4,096 tokens and more, which the prompt shares.
constexpr std::int64_t kAnswerTokens = 2048;

struct Encoder {
  const Request& r;
  Dropped& dropped;
  json::Writer& w;
  bool same = r.format == kName;

  // Whether the messages are prompts of this format, and nothing but that.
  bool prompts() const {
    return same && !r.messages.empty() &&
           std::all_of(r.messages.begin(), r.messages.end(), [](const Message& m) {
             return m.role == Role::user && m.content.size() == 1 &&
                    (m.content[0].kind == Kind::text ||
                     (m.content[0].kind == Kind::opaque && m.content[0].format == kName));
           });
  }

  // A text, or token ids.
  static json::Value prompt_of(const Block& b) {
    return b.format == kName && b.raw.has("prompt") ? b.raw["prompt"] : json::Value::string(b.text);
  }

  void write_prompts() {
    w.key("prompt");
    if (r.messages.size() == 1) {
      w.write(prompt_of(r.messages[0].content[0]));
    } else {
      w.begin_array();
      for (const Message& m : r.messages) w.write(prompt_of(m.content[0]));
      w.end_array();
    }
    const Block& first = r.messages[0].content[0];
    if (first.format != kName) return;
    if (const Str suffix = first.raw["suffix"].as_string(); !suffix.empty()) w.field("suffix", suffix);
    if (first.raw["echo"].as_bool()) w.field("echo", true);
  }

  void sampling(bool turns) {
    const auto number = [&](Str name, const auto& v) {
      if (v) w.field(name, *v);
    };
    w.field("max_tokens", r.max_tokens.value_or(kAnswerTokens));
    number("temperature", r.temperature);
    number("top_p", r.top_p);
    number("frequency_penalty", r.frequency_penalty);
    number("presence_penalty", r.presence_penalty);
    number("n", r.n);
    number("seed", r.seed);
    if (r.logprobs.value_or(false)) w.field("logprobs", r.top_logprobs.value_or(0));
    if (!r.logit_bias.is_null()) w.field("logit_bias", r.logit_bias);
    if (!r.user.empty()) w.field("user", r.user);
    std::vector<Str> stop = r.stop;
    if (turns && stop.size() < kStopMax) stop.push_back(kNextTurn);
    if (stop.empty()) return;
    w.strings("stop", stop);
  }

  void lost(Str name, bool there) {
    if (there) dropped.add(name);
  }

  void tools() {
    for (const Tool& t : r.tools) {
      lost("tools", t.kind == Tool::Kind::function);
      lost("custom_tools", t.kind == Tool::Kind::custom);
      lost("provider_tools", t.kind == Tool::Kind::opaque);
    }
    const auto kind = r.tool_choice.kind;
    lost("tool_choice", kind == ToolChoice::Kind::required || kind == ToolChoice::Kind::named);
    lost("parallel_tool_calls", r.parallel_tool_calls.has_value());
  }

  void rest() {
    if (r.top_k && same)
      w.field("top_k", *r.top_k);
    else
      lost("top_k", r.top_k.has_value());
    const bool off = r.thinking.kind == Thinking::Kind::disabled || r.effort == "none";
    lost("thinking.disabled", off);
    lost("reasoning_effort", !off && !r.effort.empty());
    lost("thinking", !off && r.effort.empty() && r.thinking.kind == Thinking::Kind::enabled);
    lost("thinking.display", !r.thinking.display.empty());
    lost("metadata", r.metadata.size() > 0);
    lost("store", r.store.value_or(false));
    lost("service_tier", !r.service_tier.empty());
    lost("verbosity", !r.verbosity.empty());
    lost("prompt_cache_key", !r.prompt_cache_key.empty());
    if (same)
      openai_chat::write_extra(w, r.extra);
    else
      openai_chat::drop_extra(r.extra, dropped);
  }
};

}  // namespace

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  json::Writer w(out);
  Encoder e{r, dropped, w};
  const bool prompts = e.prompts();
  Transcript transcript;
  if (!prompts) transcript = write_transcript(r, dropped);
  if (!prompts && transcript.text.empty())
    return fail(Code::invalid_request, "messages: no message holds text", "messages");
  w.begin_object();
  w.field("model", options.model.empty() ? r.model : options.model);
  if (prompts)
    e.write_prompts();
  else
    w.field("prompt", std::string_view(transcript.text));
  e.sampling(transcript.turns);
  e.tools();
  if (r.stream) {
    w.field("stream", true);
    if (options.quirks.stream_options) {
      w.key("stream_options");
      w.raw(R"({"include_usage":true})");
    }
  }
  e.rest();
  w.end_object();
  return {};
}

}  // namespace pb::llm::openai_completions
