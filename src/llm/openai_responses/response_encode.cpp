// A whole answer to a client, always with every member of the vendor's shape: strict SDKs parse with schemas.
#include <algorithm>

#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_responses/output.h"

namespace pb::llm::openai_responses {
namespace {

using json::Value;
using json::Writer;

template <class T>
void or_null(Writer& w, Str name, const std::optional<T>& value) {
  if (value)
    w.field(name, *value);
  else
    w.null_field(name);
}

Str instructions_of(const Request& r) {
  for (const Message& m : r.messages)
    if (m.top_level && m.content.size() == 1) return m.content[0].text;
  return {};
}

Str tier_of(Str tier) {
  return tier.empty() || tier == "standard" || tier == "batch" ? Str("default") : tier;
}

// {"code", "message"} of an answer that failed.
void write_failure(Writer& w, const Error& e) {
  w.begin_object();
  Str code = e.provider_code;
  if (code.empty() && e.code == Code::rate_limited) code = "rate_limit_exceeded";
  if (code.empty() && e.code == Code::overloaded) code = "server_is_overloaded";
  w.field("code", code.empty() ? Str("server_error") : code);
  w.field("message", std::string_view(e.message));
  w.end_object();
}

}  // namespace

Str incomplete_reason(Stop stop, bool refused) {
  if (stop == Stop::max_tokens || stop == Stop::context_full) return "max_output_tokens";
  if (stop == Stop::content_filter || (stop == Stop::refusal && !refused)) return "content_filter";
  return {};
}

std::string repeated_members(const Request* request) {
  static const Request kNone;
  const Request& r = request != nullptr ? *request : kNone;
  Dropped ignored;
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("background", false);
  w.field("frequency_penalty", r.frequency_penalty.value_or(0));
  w.field_or_null("instructions", instructions_of(r));
  or_null(w, "max_output_tokens", r.max_tokens);
  w.field("max_tool_calls", r.extra["max_tool_calls"]);
  w.key("metadata");
  if (r.metadata.is_object())
    w.write(r.metadata);
  else
    w.raw("{}");
  w.field("parallel_tool_calls", r.parallel_tool_calls.value_or(true));
  w.field("presence_penalty", r.presence_penalty.value_or(0));
  w.field_or_null("previous_response_id", r.previous_response_id);
  w.field_or_null("prompt_cache_key", r.prompt_cache_key);
  w.field("prompt_cache_retention", r.extra["prompt_cache_retention"]);
  w.key("reasoning");
  write_reasoning_config(w, r, r.effort, r.thinking.summary, true);
  w.field_or_null("safety_identifier", r.user);
  w.field("store", r.store.value_or(true));
  w.field("temperature", r.temperature.value_or(1));
  w.key("text");
  write_text_config(w, r, {}, ignored, true);
  w.key("tool_choice");
  write_tool_choice(w, r);
  w.key("tools");
  write_tools(w, r, {}, ignored);
  w.field("top_logprobs", r.top_logprobs.value_or(0));
  w.field("top_p", r.top_p.value_or(1));
  w.field("truncation", r.extra["truncation"].as_string("disabled"));
  w.null_field("user");
  w.end_object();
  return out.substr(1, out.size() - 2);
}

void write_envelope(Writer& w, const Envelope& e, std::string_view repeated) {
  w.begin_object();
  w.field("id", e.id);
  w.field("object", "response");
  w.field("created_at", e.created);
  w.field("status", e.status);
  if (e.status == "completed")
    w.field("completed_at", std::max(e.completed, e.created));
  else
    w.null_field("completed_at");
  w.key("error");
  if (e.error != nullptr)
    write_failure(w, *e.error);
  else
    w.null();
  w.key("incomplete_details");
  if (e.incomplete.empty()) {
    w.null();
  } else {
    w.begin_object();
    w.field("reason", e.incomplete);
    w.end_object();
  }
  w.field("model", e.model);
  w.key("output");
  w.raw("[" + std::string(e.items) + "]");
  w.out().append(",").append(repeated);
  w.field("service_tier", tier_of(e.service_tier));
  w.key("usage");
  if (e.usage != nullptr)
    write_usage(w, *e.usage);
  else
    w.null();
  write_rest(w, e.extra);
  w.end_object();
}

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  static const Choice kNone;
  const bool same = r.format == kName;
  const Choice& choice = r.choices.empty() ? kNone : r.choices[0];
  if (r.choices.size() > 1) dropped.add("choices");
  if (!choice.stop_sequence.empty()) dropped.add("stop_sequence");
  if (choice.stop_details.size() > 0) dropped.add("stop_details");
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
  if (!same) openai_chat::drop_extra(r.extra, dropped);

  const std::string id = answer_id(r.id, options.id);
  Output output(options.request, id, false);
  output.dropped = &dropped;
  std::string no_events;
  bool text = false;
  for (const Block& b : choice.content) {
    output.start(b, no_events);
    if (b.kind == Block::Kind::text && !text) {
      output.logprobs(choice.logprobs, no_events);  // all of them stand in one list
      text = true;
    }
    output.stop(no_events);
  }
  Envelope e;
  e.incomplete = incomplete_reason(choice.stop, output.refused());
  output.finish(e.incomplete.empty(), no_events);
  e.id = id;
  e.model = options.model.empty() ? r.model : options.model;
  e.created = r.created != 0 ? r.created : options.created;
  if (options.times != nullptr) e.completed = options.times->now / kSecond;
  e.status = e.incomplete.empty() ? "completed" : "incomplete";
  e.service_tier = r.service_tier;
  e.usage = &r.usage;
  e.items = output.items();
  if (same) e.extra = r.extra;
  out.reserve(out.size() + e.items.size() + 2048);
  Writer w(out);
  write_envelope(w, e, repeated_members(options.request));
}

}  // namespace pb::llm::openai_responses
