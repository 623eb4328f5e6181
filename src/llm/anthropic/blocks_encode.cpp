// Content blocks to Anthropic's JSON, and what of them cannot be said in it.
#include "llm/anthropic/anthropic.h"

namespace pb::llm::anthropic {
namespace {

void drop_foreign(const Block& b, Dropped& dropped) {
  if (b.format == kName) return;
  if (!b.citations.is_null()) dropped.add("citations");
  for (const json::Member& m : b.extra.members()) dropped.add(m.key);
}

bool can_carry_document(const Block& b, bool same_format, Dropped& dropped) {
  if (!b.data.empty() && b.media_type != "application/pdf" && !same_format) {
    dropped.add("document");  // base64 documents are PDFs there
    return false;
  }
  if (b.data.empty() && b.url.empty() && b.text.empty() && b.content.empty() && !same_format) {
    dropped.add(b.file_id.empty() ? "document" : "document.file_id");
    return false;
  }
  return true;
}

bool can_carry_image(const Block& b, bool same_format, Dropped& dropped) {
  if (!b.detail.empty() && b.detail != "auto") dropped.add("image.detail");
  if (!b.data.empty() || !b.url.empty() || (same_format && !b.file_id.empty())) return true;
  dropped.add(b.file_id.empty() ? "image" : "image.file_id");
  return false;
}

void source(json::Writer& w, const Block& b) {
  w.key("source");
  w.begin_object();
  if (!b.data.empty()) {
    w.field("type", "base64");
    w.field("media_type", b.media_type.empty() ? Str("image/png") : b.media_type);
    w.field("data", b.data);
  } else if (!b.url.empty()) {
    w.field("type", "url");
    w.field("url", b.url);
  } else if (!b.file_id.empty()) {
    w.field("type", "file");
    w.field("file_id", b.file_id);
  } else {
    w.field("type", "text");
    w.field("media_type", "text/plain");
    w.field("data", b.text);
  }
  w.end_object();
}

void nested(json::Writer& w, const std::vector<Block>& content, bool same_format, Dropped& dropped) {
  w.begin_array();
  for (const Block& inner : content)
    if (can_carry(inner, same_format, dropped)) write_block(w, inner, dropped);
  w.end_array();
}

void document(json::Writer& w, const Block& b, Dropped& dropped) {
  w.field("type", "document");
  if (b.content.empty()) {
    source(w, b);
  } else {
    w.key("source");
    w.begin_object();
    w.field("type", "content");
    w.key("content");
    nested(w, b.content, b.format == kName, dropped);
    w.end_object();
  }
  if (!b.name.empty()) w.field("title", b.name);
}

void tool_result(json::Writer& w, const Block& b, Dropped& dropped) {
  w.field("type", "tool_result");
  w.field("tool_use_id", safe_id(b.id));
  if (b.content.size() == 1 && b.content[0].kind == Block::Kind::text && !b.content[0].cache.on &&
      b.content[0].citations.is_null() && b.content[0].extra.is_null()) {
    w.field("content", b.content[0].text);  // the short form; an empty result is fine here
  } else if (!b.content.empty()) {
    w.key("content");
    nested(w, b.content, b.format == kName, dropped);
  }
  if (b.is_error) w.field("is_error", true);
}

void write_members(json::Writer& w, const Block& b, Dropped& dropped) {
  using Kind = Block::Kind;
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      w.field("type", "text");
      w.field("text", b.text);
      if (b.format == kName && !b.citations.is_null()) w.field("citations", b.citations);
      break;
    case Kind::image:
      w.field("type", "image");
      source(w, b);
      break;
    case Kind::document:
      document(w, b, dropped);
      break;
    case Kind::tool_call:
      w.field("type", "tool_use");
      w.field("id", safe_id(b.id));
      w.field("name", b.name);
      w.key("input");
      write_input(w, b);
      break;
    case Kind::tool_result:
      tool_result(w, b, dropped);
      break;
    case Kind::thinking:
      w.field("type", "thinking");
      w.field("thinking", b.text);
      w.field("signature", b.signature);
      break;
    case Kind::redacted_thinking:
      w.field("type", "redacted_thinking");
      w.field("data", b.data);
      break;
    case Kind::audio:
    case Kind::opaque:
      break;  // not let through, and written whole
  }
}

}  // namespace

bool can_carry(const Block& b, bool same_format, Dropped& dropped) {
  using Kind = Block::Kind;
  drop_foreign(b, dropped);
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      if (is_foreign(b, kName)) dropped.add("thinking.signature");
      return !is_blank(b.text);  // the API refuses empty texts
    case Kind::image:
      return can_carry_image(b, same_format, dropped);
    case Kind::document:
      return can_carry_document(b, same_format, dropped);
    case Kind::audio:
      dropped.add("audio");
      return false;
    case Kind::opaque:
      if (b.format == kName) return true;
      dropped.add("provider_blocks");
      return false;
    case Kind::thinking:
      // Without a signature of its own the API would refuse the whole request.
      if (is_foreign(b, kName)) {
        dropped.add("thinking.signature");
        return false;
      }
      if (same_format || !b.signature.empty()) return true;
      dropped.add("thinking.text");
      return false;
    case Kind::redacted_thinking:
      if (is_foreign(b, kName)) dropped.add("redacted_thinking");
      return !b.data.empty() && !is_foreign(b, kName);
    case Kind::tool_call:
      if (is_foreign(b, kName)) dropped.add("thinking.signature");
      return true;
    case Kind::tool_result:
      return true;
  }
  return false;
}

void write_block(json::Writer& w, const Block& b, Dropped& dropped) {
  if (b.kind == Block::Kind::opaque) return w.write(b.raw);
  w.begin_object();
  write_members(w, b, dropped);
  write_cache(w, b.cache);
  if (b.format == kName) write_rest(w, b.extra);
  w.end_object();
}

void write_input(json::Writer& w, const Block& call) {
  if (!call.custom) {
    if (is_blank(call.arguments)) {
      w.begin_object();
      return w.end_object();
    }
    json::Arena scratch;
    auto parsed = json::parse(call.arguments, scratch);
    if (parsed && parsed->is_object()) return w.raw(call.arguments);
  }
  w.begin_object();
  w.field("input", call.custom ? call.text : call.arguments);
  w.end_object();
}

void write_cache(json::Writer& w, const CacheMark& mark) {
  if (!mark.on) return;
  w.key("cache_control");
  w.begin_object();
  w.field("type", "ephemeral");
  if (!mark.ttl.empty()) w.field("ttl", mark.ttl);
  w.end_object();
}

}  // namespace pb::llm::anthropic
