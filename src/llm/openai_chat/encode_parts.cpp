#include "llm/openai_chat/parts.h"

namespace pb::llm::openai_chat {

using Kind = Block::Kind;

void PartWriter::part(const Block& b, bool user) {
  switch (b.kind) {
    case Kind::text:
      return text_part(b.text, b);
    case Kind::refusal:
      return text_part(b.text, b);
    case Kind::image:
    case Kind::audio:
      return user ? media(b) : dropped_.add("assistant_media");
    case Kind::document:
      return document(b, user);
    case Kind::opaque:
      if (b.format == kName && same_)
        w_.write(b.raw);
      else
        opaque(b);
      return;
    case Kind::thinking:
    case Kind::redacted_thinking:
      return dropped_.add("thinking.text");
    case Kind::tool_call:
      return dropped_.add("tool_calls");
    case Kind::tool_result:
      return;
  }
}

// Tool search results are the one block of a provider that says something to any model: which tools there are now.
void PartWriter::opaque(const Block& b) {
  dropped_.add("provider_blocks");
  if (Str tool = b.raw["tool_name"].as_string(); !tool.empty())
    bare_text(std::string("[tool available: ").append(tool).append("]"));
}

bool PartWriter::keeps_marks(const Block& b) const {
  return (b.cache.on && quirks_.openrouter) || (same_ && b.format == kName && b.extra.is_object());
}

void PartWriter::note_marks(const Block& b) {
  if (b.cache.on && !quirks_.openrouter && !(same_ && b.extra.has("prompt_cache_breakpoint")))
    dropped_.add("cache_control");
  if (!same_ || b.format != kName) drop_extra(b.extra, dropped_);
  if (b.citations.size() > 0) dropped_.add("citations");
}

// The members that may follow any part, and its end.
void PartWriter::end_part(const Block& b) {
  note_marks(b);
  if (b.cache.on && quirks_.openrouter) {
    w_.key("cache_control");
    w_.begin_object();
    w_.field("type", "ephemeral");
    if (!b.cache.ttl.empty()) w_.field("ttl", b.cache.ttl);
    w_.end_object();
  }
  if (same_ && b.format == kName) write_extra(w_, b.extra);
  w_.end_object();
}

void PartWriter::text_part(Str text, const Block& b) {
  w_.begin_object();
  w_.field("type", "text");
  w_.field("text", text);
  end_part(b);
}

void PartWriter::bare_text(Str text) {
  w_.begin_object();
  w_.field("type", "text");
  w_.field("text", text);
  w_.end_object();
}

void PartWriter::media(const Block& b) {
  if (b.kind == Kind::image) return image(b);
  if (b.kind == Kind::document) return file(b);
  w_.begin_object();
  w_.field("type", "input_audio");
  w_.key("input_audio");
  w_.begin_object();
  w_.field("data", b.data);
  Str format = b.media_type;
  if (format.starts_with("audio/")) format.remove_prefix(6);
  w_.field("format", format == "mpeg" ? Str("mp3") : format);
  w_.end_object();
  end_part(b);
}

void PartWriter::image(const Block& b) {
  if (const auto words = image_in_words(b, quirks_, dropped_)) return bare_text(*words);
  w_.begin_object();
  write_image(w_, b);
  end_part(b);
}

void PartWriter::document(const Block& b, bool user) {
  if (!b.text.empty() || !b.content.empty()) return text_document(b, user);
  if (user) return file(b);
  dropped_.add("assistant_media");
}

void PartWriter::text_document(const Block& b, bool user) {
  std::string text = b.name.empty() ? std::string() : std::string("[document: ").append(b.name).append("]\n");
  text += b.text;
  if (!text.empty()) text_part(text, b);
  for (const Block& inner : b.content) part(inner, user);
}

void PartWriter::file(const Block& b) {
  if (!b.url.empty() && b.data.empty() && !quirks_.openrouter) {
    dropped_.add("document.url");
    return bare_text(std::string("[document: ")
                         .append(b.name)
                         .append(b.name.empty() ? "" : ", ")
                         .append(b.url)
                         .append("]"));
  }
  if (b.data.empty() && b.url.empty() && !(same_ && !b.file_id.empty())) {
    dropped_.add("document.file_id");
    return bare_text("[a document that cannot be shown here]");
  }
  w_.begin_object();
  w_.field("type", "file");
  w_.key("file");
  w_.begin_object();
  if (!b.data.empty() || !b.url.empty()) {
    std::string name(b.name.empty() ? Str("document") : b.name);
    bool pdf = b.media_type.empty() || b.media_type == "application/pdf";
    if (pdf && name.find('.') == std::string::npos) name += ".pdf";  // the ending tells the vendor the type
    w_.field("filename", std::string_view(name));
    w_.key("file_data");
    write_url_or_data(w_, b);
  } else {
    w_.field("file_id", b.file_id);
    if (!b.name.empty()) w_.field("filename", b.name);
  }
  w_.end_object();
  end_part(b);
}

bool is_media(const Block& b) {
  return b.kind == Kind::image || b.kind == Kind::audio ||
         (b.kind == Kind::document && b.text.empty() && b.content.empty());
}

std::string_view media_name(const Block& b) {
  return b.kind == Kind::image ? "image" : b.kind == Kind::audio ? "audio" : "document";
}

}  // namespace pb::llm::openai_chat
