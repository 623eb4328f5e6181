#include "llm/anthropic/stream_events.h"

namespace pb::llm::anthropic {

json::Writer begin(std::string& out, Str name) {
  out.append("event: ").append(name).append("\ndata: ");
  json::Writer w(out);
  w.begin_object();
  w.field("type", name);
  return w;
}

void finish(json::Writer& w) {
  w.end_object();
  w.out() += "\n\n";
}

bool can_say(const Block& b) {
  using Kind = Block::Kind;
  return b.kind == Kind::text || b.kind == Kind::refusal || b.kind == Kind::thinking ||
         b.kind == Kind::redacted_thinking || b.kind == Kind::tool_call ||
         (b.kind == Kind::opaque && b.format == kName);
}

void write_empty(json::Writer& w, const Block& b) {
  if (b.kind == Block::Kind::opaque) return w.write(b.raw);
  w.begin_object();
  switch (b.kind) {
    case Block::Kind::tool_call:
      w.field("type", "tool_use");
      w.field("id", std::string_view(safe_id(b.id)));
      w.field("name", b.name);
      w.key("input");
      w.begin_object();
      w.end_object();
      break;
    case Block::Kind::thinking:
      w.field("type", "thinking");
      w.field("thinking", "");
      w.field("signature", "");
      break;
    case Block::Kind::redacted_thinking:
      w.field("type", "redacted_thinking");
      if (json::Arena scratch; is_foreign(b, kName))
        w.field("data", packed_block(b, kName, scratch).data);
      else
        w.field("data", b.data);
      break;
    default:
      w.field("type", "text");
      w.field("text", "");
      if (b.format == kName && !b.citations.is_null()) w.field("citations", b.citations);
  }
  if (b.format == kName) write_rest(w, b.extra);
  w.end_object();
}

}  // namespace pb::llm::anthropic
