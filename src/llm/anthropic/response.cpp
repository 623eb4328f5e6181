// Whole answers, read from Anthropic and written for Anthropic's clients.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

std::unexpected<Error> malformed(const Error& e) {
  return std::unexpected(upstream_fault("the provider's answer is malformed: " + e.message));
}

Result<void> decode_message(json::Value body, Response& r) {
  const Path root;
  if (!body.is_object()) return root.wrong_type("a JSON object", body);
  TRY_ASSIGN(r.id, maybe_string(body, "id", root));
  TRY_ASSIGN(r.model, maybe_string(body, "model", root));
  Choice choice;
  if (!body["content"].is_array()) return Path(root, "content").wrong_type("an array", body["content"]);
  TRY(decode_content(body["content"], Path(root, "content"), r.arena, choice.content));
  TRY_ASSIGN(const Str reason, maybe_string(body, "stop_reason", root));
  choice.stop = read_stop(reason);
  TRY_ASSIGN(choice.stop_sequence, maybe_string(body, "stop_sequence", root));
  choice.stop_details = body["stop_details"];
  r.choices.push_back(std::move(choice));
  RawUsage usage;
  usage.merge(body["usage"]);
  r.usage = usage.usage();
  r.service_tier = body["usage"]["service_tier"].as_string();
  r.extra = rest_of(
      body,
      {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage"},
      r.arena);
  std::vector<json::Member> more;
  if (const json::Value rest = usage_rest(body["usage"], r.arena); !rest.is_null())
    more.push_back({"usage", rest});
  if (r.choices[0].stop == Stop::unset && !reason.empty())
    more.push_back({"stop_reason", json::Value::string(reason)});  // one to come
  r.extra = join(r.extra, json::Value::object(r.arena, more), r.arena);
  return {};
}

bool has_kind(const std::vector<Block>& content, Block::Kind kind) {
  for (const Block& b : content)
    if (b.kind == kind) return true;
  return false;
}

// Providers differ on how carefully they name the reason; what is in the answer decides.
Str stop_of(const Choice& c) {
  if (has_kind(c.content, Block::Kind::refusal)) return "refusal";
  if ((c.stop == Stop::end || c.stop == Stop::unset) && has_kind(c.content, Block::Kind::tool_call))
    return "tool_use";
  return stop_name(c.stop);
}

void write_content(json::Writer& w, const Choice& choice, bool same, Dropped& dropped) {
  w.key("content");
  w.begin_array();
  json::Arena scratch;
  for (const Block& given : choice.content) {
    Block held;
    const bool foreign = is_foreign(given, kName);
    if (foreign) {  // signed by a provider of another format: packed, so that it comes back with the next request
      held = packed_block(given, kName, scratch);
      if (given.kind == Block::Kind::text || given.kind == Block::Kind::tool_call) {
        write_block(w, held, dropped);
        held = given;
        held.signature = {};
      }
    }
    const Block& b = foreign ? held : given;
    // Reasoning of other providers is shown too, with the empty signature of something that cannot be verified.
    const bool unsigned_thinking = b.kind == Block::Kind::thinking && !b.text.empty();
    // White space is refused in requests only.
    const bool text =
        (b.kind == Block::Kind::text || b.kind == Block::Kind::refusal) && (same || !b.text.empty());
    if (unsigned_thinking || can_carry(b, same, dropped) || text) write_block(w, b, dropped);
  }
  w.end_array();
}

}  // namespace

Result<Response> decode_response(std::string text) {
  Response r;
  r.format = kName;
  r.text = std::make_unique<std::string>(std::move(text));
  auto body = json::parse(*r.text, r.arena);
  if (!body) return malformed(body.error());
  if ((*body)["type"].as_string() == "error") return std::unexpected(read_error(*body, 0));
  if (auto done = decode_message(*body, r); !done) return malformed(done.error());
  return r;
}

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  const bool same = r.format == kName;
  static const Choice kNone;
  const Choice& choice = r.choices.empty() ? kNone : r.choices[0];
  if (r.choices.size() > 1) dropped.add("choices");
  if (!choice.logprobs.is_null()) dropped.add("logprobs");
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
  if (!same)
    for (const json::Member& m : r.extra.members()) dropped.add(m.key);
  const json::Value extra = same ? r.extra : json::Value();

  json::Writer w(out);
  w.begin_object();
  w.field("id", std::string_view(message_id(r.id, options.id)));
  w.field("type", "message");
  w.field("role", "assistant");
  w.field("model", options.model.empty() ? r.model : options.model);
  write_content(w, choice, same, dropped);
  w.field("stop_reason", extra.has("stop_reason") ? extra["stop_reason"].as_string() : stop_of(choice));
  w.key("stop_sequence");
  if (choice.stop == Stop::stop_sequence && !choice.stop_sequence.empty())
    w.string(choice.stop_sequence);
  else
    w.null();
  w.field("stop_details", choice.stop_details);
  w.key("usage");
  write_usage(w, r.usage, extra["usage"], response_tier(r.service_tier, same));
  write_rest(w, extra, {"usage", "stop_reason"});
  w.end_object();
}

}  // namespace pb::llm::anthropic
