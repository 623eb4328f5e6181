// A whole answer to a client.
#include "llm/mistral/mistral.h"

namespace pb::llm::mistral {
namespace {

using Kind = Block::Kind;

class ChoiceWriter {
 public:
  ChoiceWriter(json::Writer& w, Dropped& dropped, bool same) : w_(w), dropped_(dropped), same_(same) {}

  void write(const Choice& c, int index) {
    bool calls = false, chunks = false;
    for (const Block& b : c.content) {
      calls |= b.kind == Kind::tool_call;
      chunks |= is_chunk(b);
    }
    w_.begin_object();
    w_.field("index", index);
    w_.key("message");
    w_.begin_object();
    w_.field("role", "assistant");
    w_.key("content");
    if (chunks)
      content_chunks(c);
    else
      text(c);
    if (calls)
      tool_calls(c);
    else
      w_.null_field("tool_calls");
    w_.end_object();
    w_.field("finish_reason", finish_of(c.stop));
    w_.end_object();
    if (!c.logprobs.is_null()) dropped_.add("logprobs");
    if (!c.stop_sequence.empty()) dropped_.add("stop_sequence");
    if (c.stop_details.size() > 0) dropped_.add("stop_details");
  }

 private:
  bool own(const Block& b) const { return b.kind == Kind::opaque && same_ && b.format == kName; }

  bool is_chunk(const Block& b) const {
    return b.kind == Kind::thinking || b.kind == Kind::redacted_thinking || is_foreign(b, kName) || own(b);
  }

  void text(const Choice& c) {
    std::string all;
    for (const Block& b : c.content)
      if (says(b)) all += b.text;
    w_.string(all);
  }

  // Whether the block is text; names what it is that cannot be said.
  bool says(const Block& b) {
    switch (b.kind) {
      case Kind::text:
      case Kind::refusal:
        if (b.citations.size() > 0) dropped_.add("citations");
        return true;
      case Kind::opaque:
        dropped_.add("provider_blocks");
        return false;
      case Kind::image:
      case Kind::audio:
      case Kind::document:
        dropped_.add("assistant_media");
        return false;
      default:
        return false;
    }
  }

  void content_chunks(const Choice& c) {
    w_.begin_array();
    json::Arena scratch;
    for (const Block& b : c.content) {
      if (own(b)) {
        w_.write(b.raw);
        continue;
      }
      if (is_foreign(b, kName)) {  // packed, so that it comes back with the next request
        const Block packed = packed_block(b, kName, scratch);
        write_thinking(w_, packed.text, packed.signature.empty() ? packed.data : packed.signature);
      } else if (b.kind == Kind::thinking) {
        write_thinking(w_, b.text, b.signature);
      }
      if (!says(b) || b.text.empty()) continue;
      w_.begin_object();
      w_.field("type", "text");
      w_.field("text", b.text);
      w_.end_object();
    }
    w_.end_array();
  }

  void tool_calls(const Choice& c) {
    w_.key("tool_calls");
    w_.begin_array();
    int index = 0;
    for (const Block& b : c.content) {
      if (b.kind != Kind::tool_call) continue;
      w_.begin_object();
      write_call(w_, b, b.id, index++);
      w_.end_object();
    }
    w_.end_array();
  }

  json::Writer& w_;
  Dropped& dropped_;
  const bool same_;
};

}  // namespace

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  const bool same = r.format == kName;
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  json::Writer w(out);
  w.begin_object();
  openai_chat::write_head(w, "chat.completion", r, options);
  w.key("choices");
  w.begin_array();
  int index = 0;
  for (const Choice& c : r.choices) ChoiceWriter(w, dropped, same).write(c, index++);
  w.end_array();
  w.key("usage");
  write_usage(w, r.usage, r.service_tier);
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
  if (same)
    openai_chat::write_extra(w, r.extra);
  else
    openai_chat::drop_extra(r.extra, dropped);
  w.end_object();
}

}  // namespace pb::llm::mistral
