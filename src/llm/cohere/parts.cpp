// Content blocks of messages to Cohere.
#include "llm/cohere/parts.h"

#include <algorithm>

#include "llm/openai_chat/openai_chat.h"
#include "llm/openai_chat/parts.h"

namespace pb::llm::cohere {

using Kind = Block::Kind;
using openai_chat::is_media;

PartWriter::PartWriter(const Request& r, const Quirks& quirks, Dropped& dropped, json::Writer& w)
    : quirks_(quirks), dropped_(dropped), w_(w), same_(r.format == kName) {
  // Documents and JSON answers exclude each other.
  const auto kind = r.response_format.kind;
  cites_ = same_ || (kind != ResponseFormat::Kind::json_object && kind != ResponseFormat::Kind::json_schema);
}

void PartWriter::write_documents() {
  if (documents_.empty()) return;
  w_.key("documents");
  w_.begin_array();
  for (std::size_t i = 0; i < documents_.size(); ++i) write_document(w_, *documents_[i], i + 1);
  w_.end_array();
}

// Whether the block goes to `documents`.
bool PartWriter::is_document(const Block& b) const {
  return b.kind == Kind::document && cites_ && !is_media(b) &&
         std::none_of(b.content.begin(), b.content.end(), is_media);
}

bool PartWriter::marked(const Block& b) const { return same_ && b.format == kName && b.extra.is_object(); }

void PartWriter::note_marks(const Block& b) {
  if (b.cache.on) dropped_.add("cache_control");
  if (b.citations.size() > 0 && !(same_ && b.format == kName)) dropped_.add("citations");
  if (b.kind != Kind::thinking && !b.signature.empty()) dropped_.add("thinking.signature");
  if (!marked(b)) openai_chat::drop_extra(b.extra, dropped_);
}

void PartWriter::part(const Block& b, bool is_user) {
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      return text_part(b.text, b);
    case Kind::image:
      return is_user ? image(b) : dropped_.add("assistant_media");
    case Kind::audio:
      dropped_.add("audio");
      return bare_text("[audio that cannot be played here]");
    case Kind::document:
      return document(b, is_user);
    case Kind::opaque:
      if (same_ && b.format == kName) return w_.write(b.raw);
      return opaque(b);
    case Kind::thinking:
    case Kind::redacted_thinking:
      return dropped_.add("thinking.text");
    case Kind::tool_call:
    case Kind::tool_result:
      return;
  }
}

void PartWriter::opaque(const Block& b) {
  dropped_.add("provider_blocks");
  if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
    bare_text(std::string("[tool available: ").append(tool).append("]"));
}

void PartWriter::bare_text(Str text) {
  w_.begin_object();
  w_.field("type", "text");
  w_.field("text", text);
  w_.end_object();
}

void PartWriter::text_part(Str text, const Block& b) {
  w_.begin_object();
  w_.field("type", "text");
  w_.field("text", text);
  end_part(b);
}

void PartWriter::end_part(const Block& b) {
  note_marks(b);
  if (marked(b)) openai_chat::write_extra(w_, b.extra);
  w_.end_object();
}

void PartWriter::image(const Block& b) {
  if (const auto words = openai_chat::image_in_words(b, quirks_, dropped_)) return bare_text(*words);
  w_.begin_object();
  openai_chat::write_image(w_, b);
  end_part(b);
}

void PartWriter::document(const Block& b, bool is_user) {
  if (is_user && is_document(b)) return keep_document(b);
  if (is_media(b)) {
    dropped_.add(b.data.empty() && !b.url.empty() ? "document.url"
                 : b.data.empty()                 ? "document.file_id"
                                                  : "document");
    const Str name = b.name.empty() ? b.url : b.name;
    if (name.empty()) return bare_text("[a document that cannot be shown here]");
    return bare_text(std::string("[document: ").append(name).append("]"));
  }
  std::string text = b.name.empty() ? std::string() : std::string("[document: ").append(b.name).append("]\n");
  text += b.text;
  if (!text.empty()) text_part(text, b);
  for (const Block& inner : b.content) part(inner, is_user);
}

}  // namespace pb::llm::cohere
