// A request to a provider: everything but its input and its tools.
#include <algorithm>

#include "llm/custom_tools.h"
#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;

constexpr std::int64_t kOutputMin = 16;  // of max_output_tokens, the API's
constexpr std::size_t kUserMax = 64;     // bytes of safety_identifier, the API's

struct Encoder {
  const Request& r;
  const EncodeOptions& options;
  Dropped& dropped;
  json::Writer& w;
  bool same = r.format == kName;
  bool reasons = same || may_reason(options.model.empty() ? r.model : options.model);

  // System text that stood apart from the conversation.
  void instructions() {
    std::string text;
    bool any = false;
    for (const Message& m : r.messages) {
      if (!m.top_level) continue;
      for (const Block& b : m.content) {
        if (b.cache.on) dropped.add("cache_control");
        if (b.kind != Block::Kind::text) {
          dropped.add("provider_blocks");
          continue;
        }
        if (any) text += "\n\n";
        text += b.text;
        any = true;
      }
    }
    if (any) w.field("instructions", std::string_view(text));
  }

  void tools() {
    if (!has_tools(r, dropped)) {
      if (same && r.extra.has("tool_choice")) w.field("tool_choice", r.extra["tool_choice"]);
      return;
    }
    w.key("tools");
    write_tools(w, r, options.quirks, dropped);
    if (r.tool_choice.kind != ToolChoice::Kind::unset || r.extra.has("tool_choice") ||
        !r.tool_choice.allowed.empty()) {
      w.key("tool_choice");
      write_tool_choice(w, r);
    }
  }

  void numbers() {
    if (r.parallel_tool_calls) w.field("parallel_tool_calls", *r.parallel_tool_calls);
    if (r.max_tokens)
      w.field("max_output_tokens", same ? *r.max_tokens : std::max(*r.max_tokens, kOutputMin));
    if (r.temperature) w.field("temperature", *r.temperature);
    if (r.top_p) w.field("top_p", *r.top_p);
    if (r.top_logprobs) w.field("top_logprobs", *r.top_logprobs);
  }

  // Thinking as the other formats ask for it, in efforts and summaries.
  void reasoning() {
    const Thinking& t = r.thinking;
    Str effort = r.effort, summary = t.summary;
    if (!same) {
      const bool wanted = t.kind == Thinking::Kind::enabled || t.kind == Thinking::Kind::adaptive;
      if (effort.empty() && t.kind == Thinking::Kind::enabled)
        effort = openai_chat::effort_of_budget(t.budget_tokens);
      if (t.kind == Thinking::Kind::disabled && effort.empty()) dropped.add("thinking.disabled");
      if (wanted && summary.empty() && t.display != "omitted") summary = "auto";
      if (!reasons && (wanted || !effort.empty())) {
        dropped.add(wanted ? "thinking" : "reasoning_effort");
        return;
      }
    }
    const bool more =
        same && std::any_of(r.extra.members().begin(), r.extra.members().end(),
                            [](const json::Member& m) { return m.key.starts_with("reasoning."); });
    if (effort.empty() && summary.empty() && !more) return;
    w.key("reasoning");
    write_reasoning_config(w, r, effort, summary, false);
  }

  void text() {
    const bool more = same && std::any_of(r.extra.members().begin(), r.extra.members().end(),
                                          [](const json::Member& m) { return m.key.starts_with("text."); });
    if (r.response_format.kind == ResponseFormat::Kind::unset && r.verbosity.empty() && !more) return;
    w.key("text");
    write_text_config(w, r, options.quirks, dropped, false);
  }

  // Reasoning comes encrypted, so that it can be sent back; nothing is kept unless the client asked for it.
  void storage() {
    if (r.store)
      w.field("store", *r.store);
    else if (!same)
      w.field("store", false);
    const Value more = r.extra["include"];
    const bool logprobs = r.logprobs.value_or(false);
    const bool encrypted = reasons && !(more.is_array() && more.size() == 0);  // see relax()
    if (!encrypted && !logprobs && (!same || more.size() == 0)) return;
    w.key("include");
    w.begin_array();
    if (same)
      for (const Value& word : more.items()) w.write(word);
    if (encrypted) w.string(kEncrypted);
    if (logprobs) w.string(kLogprobs);
    w.end_array();
  }

  void rest() {
    const auto word = [&](Str name, Str value) {
      if (!value.empty()) w.field(name, value);
    };
    if (!r.user.empty()) w.field("safety_identifier", same ? std::string(r.user) : bounded(r.user, kUserMax));
    if (r.service_tier == "standard_only" && !same)
      w.field("service_tier", "default");
    else
      word("service_tier", r.service_tier);
    word("prompt_cache_key", r.prompt_cache_key);
    word("previous_response_id", r.previous_response_id);
    if (!r.metadata.is_null()) w.field("metadata", r.metadata);
    if (r.stream) w.field("stream", true);
    for (const json::Member& m : r.extra.members()) {
      if (!same && !m.value.is_null()) dropped.add(m.key);
      if (!same) continue;
      const bool written = m.key == "include" || m.key.starts_with("tool_choice") ||
                           m.key.starts_with("text.") || m.key.starts_with("reasoning.");
      if (!written) w.field(m.key, m.value);
    }
  }

  void drop_the_rest() {
    if (same) return;
    if (!r.stop.empty()) dropped.add("stop");
    if (r.top_k) dropped.add("top_k");
    if (r.seed) dropped.add("seed");
    if (r.n.value_or(1) != 1) dropped.add("n");
    if (r.frequency_penalty.value_or(0) != 0) dropped.add("frequency_penalty");
    if (r.presence_penalty.value_or(0) != 0) dropped.add("presence_penalty");
    if (r.logit_bias.size() > 0) dropped.add("logit_bias");
  }

  void run() {
    w.begin_object();
    w.field("model", options.model.empty() ? r.model : options.model);
    instructions();
    w.key("input");
    encode_input(r, options, dropped, w);
    tools();
    numbers();
    reasoning();
    text();
    storage();
    rest();
    drop_the_rest();
    w.end_object();
  }
};

}  // namespace

// Models differ on what they take, and the names of deployments do not tell.
bool relax(const Error& error, Request& r, Dropped& dropped) {
  if (error.param == "include" && error.message.contains("ncrypted content")) {
    if (r.format == kName && r.extra["include"].size() > 0) return false;
    const json::Member none{"include", Value::array(r.arena, {})};
    r.extra = join(r.extra, Value::object(r.arena, {&none, 1}), r.arena);
    dropped.add("redacted_thinking");
    return true;
  }
  if (error.param == "reasoning.summary") {
    r.thinking.display = "omitted";
    r.thinking.summary = {};
    dropped.add("thinking.display");
    return true;
  }
  if (error.param == "reasoning.effort" || error.param == "reasoning") {
    dropped.add(r.effort.empty() ? "thinking" : "reasoning_effort");
    r.effort = {};
    r.thinking = {};
    return true;
  }
  const auto number = [&](std::string_view name, std::optional<double>& value) {
    if (error.param != name || !value) return false;
    dropped.add(name);
    value.reset();
    return true;
  };
  return number("temperature", r.temperature) || number("top_p", r.top_p);
}

Result<void> encode_request(const Request& r, const EncodeOptions& options, Dropped& dropped,
                            std::string& out) {
  const std::size_t body = r.text ? r.text->size() : 0;
  out.reserve(out.size() + body + body / 8 + 512);
  json::Writer w(out);
  Encoder{r, options, dropped, w}.run();
  return {};
}

}  // namespace pb::llm::openai_responses
