// A whole answer to a client, always with every member of the vendor's shape: strict SDKs parse with schemas.
#include "base/utf8.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {
namespace {

using Kind = Block::Kind;

class ChoiceWriter {
 public:
  ChoiceWriter(json::Writer& w, Dropped& dropped, bool same) : w_(w), dropped_(dropped), same_(same) {}

  void write(const Choice& c, int index) {
    gather(c);
    w_.begin_object();
    w_.field("index", index);
    w_.key("message");
    w_.begin_object();
    w_.field("role", "assistant");
    if (text_.empty() && (calls_ || !refusal_.empty()))
      w_.null_field("content");
    else
      w_.field("content", text_);
    w_.field_or_null("refusal", refusal_);
    if (!thoughts_.empty()) w_.field("reasoning_content", thoughts_);
    if (details_) reasoning_details(c);
    annotations(c);
    for (const Block& b : c.content)
      if (b.kind == Kind::audio && b.raw.is_object()) w_.field("audio", b.raw);
    if (calls_) tool_calls(c);
    w_.end_object();
    w_.field("logprobs", c.logprobs);
    w_.field("finish_reason", write_finish(c.stop, !refusal_.empty()));
    w_.end_object();
    if (!c.stop_sequence.empty()) dropped_.add("stop_sequence");
    if (c.stop_details.size() > 0) dropped_.add("stop_details");
  }

 private:
  void gather(const Choice& c) {
    for (const Block& b : c.content) {
      details_ |= is_foreign(b, kName);
      switch (b.kind) {
        case Kind::text:
          text_ += b.text;
          break;
        case Kind::refusal:
          refusal_ += b.text;
          break;
        case Kind::thinking:
          thoughts_ += b.text;
          details_ |= !b.signature.empty() || (same_ && b.extra.is_object());
          break;
        case Kind::redacted_thinking:
          details_ = true;
          break;
        case Kind::tool_call:
          calls_ = true;
          break;
        case Kind::audio:
          break;
        case Kind::opaque:
          if (is_detail(b))
            details_ = true;
          else
            dropped_.add("provider_blocks");
          break;
        default:
          dropped_.add("assistant_media");
      }
    }
  }

  void reasoning_details(const Choice& c) {
    w_.key("reasoning_details");
    w_.begin_array();
    int index = 0;
    for (const Block& b : c.content)
      if (is_detail(b)) write_detail(w_, b, index++, same_);
    w_.end_array();
  }

  // Citations that name a URL have a counterpart here; it stands for the whole text block they belong to.
  void annotations(const Choice& c) {
    w_.key("annotations");
    w_.begin_array();
    std::int64_t at = 0;
    for (const Block& b : c.content) {
      if (b.kind != Kind::text) continue;
      std::int64_t end = at + utf8::characters(b.text);
      for (const json::Value& citation : b.citations.items()) {
        if (b.format == kName)
          w_.write(citation);
        else
          write_url_citation(w_, citation, at, end, dropped_);
      }
      at = end;
    }
    w_.end_array();
  }

  static void write_url_citation(json::Writer& w, json::Value citation, std::int64_t start, std::int64_t end,
                                 Dropped& dropped) {
    Str url = citation["url"].as_string();
    if (url.empty()) return dropped.add("citations");
    w.begin_object();
    w.field("type", "url_citation");
    w.key("url_citation");
    w.begin_object();
    w.field("start_index", start);
    w.field("end_index", end);
    w.field("title", citation["title"].as_string());
    w.field("url", url);
    w.end_object();
    w.end_object();
  }

  void tool_calls(const Choice& c) {
    w_.key("tool_calls");
    w_.begin_array();
    for (const Block& b : c.content) {
      if (b.kind != Kind::tool_call) continue;
      w_.begin_object();
      write_call(w_, b);
      if (!b.signature.empty()) write_call_signature(w_, b.signature);
      w_.end_object();
    }
    w_.end_array();
  }

  json::Writer& w_;
  Dropped& dropped_;
  bool same_;
  bool calls_ = false, details_ = false;
  std::string text_, thoughts_, refusal_;
};

}  // namespace

void encode_response(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  bool same = r.format == kName;
  out.reserve(out.size() + (r.text ? r.text->size() : 0) + 512);
  json::Writer w(out);
  w.begin_object();
  write_head(w, "chat.completion", r, options);
  w.key("choices");
  w.begin_array();
  int index = 0;
  for (const Choice& c : r.choices) ChoiceWriter(w, dropped, same).write(c, index++);
  w.end_array();
  w.key("usage");
  write_usage(w, r.usage);
  w.field_or_null("service_tier", r.service_tier.empty() ? Str() : write_tier(r.service_tier));
  w.field_or_null("system_fingerprint", r.system_fingerprint);
  if (same)
    write_extra(w, r.extra);
  else
    drop_extra(r.extra, dropped);
  w.end_object();
}

}  // namespace pb::llm::openai_chat
