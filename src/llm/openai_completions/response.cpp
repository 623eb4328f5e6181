// Whole answers, from a provider and to a client.
#include <algorithm>

#include "base/utf8.h"
#include "llm/fields.h"
#include "llm/openai_completions/completions.h"

namespace pb::llm::openai_completions {
namespace {

using json::Value;
using Kind = Block::Kind;

// The text of an answer; names what of it is none.
std::string text_of(const Choice& c, Dropped& dropped) {
  std::string text;
  for (const Block& b : c.content) {
    if (!b.signature.empty()) dropped.add("thinking.signature");
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        text += b.text;
        if (b.citations.size() > 0) dropped.add("citations");
        break;
      case Kind::thinking:
        if (!b.text.empty()) dropped.add("thinking.text");
        break;
      case Kind::redacted_thinking:
        dropped.add("redacted_thinking");
        break;
      case Kind::tool_call:
        dropped.add("tool_calls");
        break;
      case Kind::opaque:
        dropped.add("provider_blocks");
        break;
      default:
        dropped.add("assistant_media");
    }
  }
  return text;
}

}  // namespace

std::string echo_of(const Request* request, Str answered_by, std::size_t i, std::size_t choices) {
  if (request == nullptr || request->format != kName || answered_by == kName) return {};
  const std::size_t prompts = request->messages.size();
  const std::size_t each = std::max<std::size_t>(1, choices / std::max<std::size_t>(prompts, 1));
  const std::size_t n = std::min(i / each, prompts - 1);
  for (const Block& b : prompts == 0 ? std::vector<Block>() : request->messages[n].content)
    if (b.raw["echo"].as_bool()) return std::string(b.raw["prompt"].as_string());
  return {};
}

Result<Response> decode_response(std::string body) {
  Response r;
  TRY_ASSIGN(const Value root, parse_answer(std::move(body), kName, r));
  if (const Value e = root["error"]; e.is_object() || e.is_string())
    return std::unexpected(openai_chat::error_of_json(static_cast<int>(e["code"].as_int(502)), root));
  if (!root["choices"].is_array()) return bad_answer("has no choices", *r.text);
  r.id = root["id"].as_string();
  r.model = root["model"].as_string();
  r.created = root["created"].as_int();
  r.system_fingerprint = root["system_fingerprint"].as_string();
  r.usage = openai_chat::read_usage(root["usage"]);
  r.service_tier = root["service_tier"].as_string();
  r.extra = rest_of(
      root, {"id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier"},
      r.arena);
  for (const Value& c : root["choices"].items()) {
    Choice& choice = r.choices.emplace_back();
    choice.content.emplace_back().text = c["text"].as_string();
    choice.stop = openai_chat::read_finish(c["finish_reason"].as_string());
    if (choice.stop == Stop::unset) choice.stop = Stop::end;
    choice.logprobs = read_logprobs(c["logprobs"], r.arena);
    choice.extra = rest_of(c, {"text", "index", "finish_reason", "logprobs"}, r.arena);
  }
  return r;
}

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  const bool same = r.format == kName;
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 256);
  json::Writer w(out);
  w.begin_object();
  openai_chat::write_head(w, "text_completion", r, options);
  w.key("choices");
  w.begin_array();
  for (std::size_t i = 0; i < r.choices.size(); ++i) {
    const Choice& c = r.choices[i];
    const std::string echo = echo_of(options.request, r.format, i, r.choices.size());
    w.begin_object();
    w.field("text", std::string_view(echo + text_of(c, dropped)));
    w.field("index", static_cast<std::int64_t>(i));
    w.key("logprobs");
    write_logprobs(w, c.logprobs, utf8::characters(echo));
    w.field("finish_reason",
            c.stop == Stop::tool_use ? Str("stop") : openai_chat::write_finish(c.stop, false));
    if (same)
      openai_chat::write_extra(w, c.extra);
    else
      openai_chat::drop_extra(c.extra, dropped);
    w.end_object();
    if (!c.stop_sequence.empty()) dropped.add("stop_sequence");
    if (c.stop_details.size() > 0) dropped.add("stop_details");
  }
  w.end_array();
  w.key("usage");
  openai_chat::write_usage(w, r.usage);
  if (!r.system_fingerprint.empty()) w.field("system_fingerprint", r.system_fingerprint);
  if (!r.service_tier.empty() && same) w.field("service_tier", r.service_tier);
  if (!r.service_tier.empty() && !same) dropped.add("service_tier");
  if (same)
    openai_chat::write_extra(w, r.extra);
  else
    openai_chat::drop_extra(r.extra, dropped);
  w.end_object();
}

}  // namespace pb::llm::openai_completions
