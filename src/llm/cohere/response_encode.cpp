// A whole answer to a client.
#include <algorithm>

#include "base/utf8.h"
#include "llm/cohere/cohere.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::cohere {
namespace {

using Kind = Block::Kind;

bool is_text(const Block& b) {
  return (b.kind == Kind::text || b.kind == Kind::refusal) && b.detail != kPlan;
}

class MessageWriter {
 public:
  MessageWriter(json::Writer& w, Dropped& dropped, bool same) : w_(w), dropped_(dropped), same_(same) {}

  void write(const Choice& c) {
    w_.begin_object();
    w_.field("role", "assistant");
    content(c);
    plan(c);
    calls(c);
    citations(c);
    w_.end_object();
  }

 private:
  struct Cited {
    const Block* block;
    std::int64_t offset;  // in characters, of the text in its content block
    int index;            // of the content block
  };

  // Neighbouring texts become one content block.
  void content(const Choice& c) {
    int index = -1;
    bool open = false;  // a text block
    std::string text;
    const auto close = [&] {
      if (!open) return;
      w_.begin_object();
      w_.field("type", "text");
      w_.field("text", std::string_view(text));
      w_.end_object();
      open = false;
      text.clear();
    };
    if (std::none_of(c.content.begin(), c.content.end(),
                     [&](const Block& b) { return is_text(b) || b.kind == Kind::thinking || own(b); })) {
      for (const Block& b : c.content) lost(b);
      return;
    }
    w_.key("content");
    w_.begin_array();
    for (const Block& b : c.content) {
      if (is_text(b)) {
        if (!open) ++index;
        open = true;
        if (b.citations.size() > 0) cited_.push_back({&b, utf8::characters(text), index});
        text += b.text;
      } else if (b.kind == Kind::thinking && !b.text.empty()) {
        close();
        ++index;
        w_.begin_object();
        w_.field("type", "thinking");
        w_.field("thinking", b.text);
        w_.end_object();
      } else if (own(b)) {
        close();
        ++index;
        w_.write(b.raw);
      } else {
        lost(b);
      }
    }
    close();
    w_.end_array();
  }

  bool own(const Block& b) const { return b.kind == Kind::opaque && same_ && b.format == kName; }

  void lost(const Block& b) {
    if (b.kind == Kind::opaque) dropped_.add("provider_blocks");
    if (b.kind == Kind::image || b.kind == Kind::audio || b.kind == Kind::document)
      dropped_.add("assistant_media");
  }

  void plan(const Choice& c) {
    std::string text;
    for (const Block& b : c.content)
      if (b.detail == kPlan) text += b.text;
    if (!text.empty()) w_.field("tool_plan", std::string_view(text));
  }

  void calls(const Choice& c) {
    if (std::none_of(c.content.begin(), c.content.end(),
                     [](const Block& b) { return b.kind == Kind::tool_call; }))
      return;
    w_.key("tool_calls");
    w_.begin_array();
    for (const Block& b : c.content) {
      if (b.kind != Kind::tool_call) continue;
      w_.begin_object();
      openai_chat::write_function_call(w_, b, b.id);
      w_.end_object();
    }
    w_.end_array();
  }

  void citations(const Choice&) {
    if (cited_.empty()) return;
    w_.key("citations");
    w_.begin_array();
    for (const Cited& c : cited_)
      for (const json::Value& v : c.block->citations.items())
        if (!write_citation(w_, v, c.block->format, c.block->text, c.offset, c.index))
          dropped_.add("citations");
    w_.end_array();
  }

  json::Writer& w_;
  Dropped& dropped_;
  const bool same_;
  std::vector<Cited> cited_;
};

}  // namespace

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  static const Choice kNone;
  const Choice& choice = r.choices.empty() ? kNone : r.choices[0];
  const bool same = r.format == kName;
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  json::Writer w(out);
  w.begin_object();
  w.field("id", r.id.empty() ? options.id : r.id);
  w.key("message");
  MessageWriter(w, dropped, same).write(choice);
  w.field("finish_reason", write_finish(choice.stop));
  w.key("usage");
  write_usage(w, r.usage);
  if (const json::Value tokens = choice.logprobs["content"]; tokens.size() > 0) {
    w.key("logprobs");
    w.begin_array();
    for (const json::Value& token : tokens.items()) write_logprob(w, token);
    w.end_array();
  }
  if (r.choices.size() > 1) dropped.add("choices");
  if (!choice.stop_sequence.empty()) dropped.add("stop_sequence");
  if (choice.stop_details.size() > 0) dropped.add("stop_details");
  if (!r.service_tier.empty()) dropped.add("service_tier");
  if (!r.system_fingerprint.empty()) dropped.add("system_fingerprint");
  if (same)
    openai_chat::write_extra(w, r.extra);
  else
    openai_chat::drop_extra(r.extra, dropped);
  w.end_object();
}

}  // namespace pb::llm::cohere
