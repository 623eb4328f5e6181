#include "llm/openai_responses/input_parts.h"

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_responses {

using Kind = Block::Kind;

void PartWriter::drop_extra(const Block& b) {
  if (!same_ || b.format != kName) openai_chat::drop_extra(b.extra, dropped_);
}

void PartWriter::marks(const Block& b) {
  if (b.cache.on && !keeps_extra(b)) dropped_.add("cache_control");
  if (b.citations.size() > 0 && b.format != kName) dropped_.add("citations");
  drop_extra(b);
}

void PartWriter::bare(Str text) {
  w_.begin_object();
  w_.field("type", "input_text");
  w_.field("text", text);
  w_.end_object();
}

void PartWriter::end_part(const Block& b) {
  marks(b);
  if (keeps_extra(b)) write_part_extra(w_, b.extra);
  w_.end_object();
}

void PartWriter::part(const Block& b, bool result) {
  switch (b.kind) {
    case Kind::text:
    case Kind::refusal:
      return text(b, b.text);
    case Kind::image:
      return image(b);
    case Kind::audio:
      return result ? dropped_.add("audio") : audio(b);
    case Kind::document:
      return document(b, result);
    case Kind::opaque:
      return opaque(b);
    case Kind::thinking:
    case Kind::redacted_thinking:
      return dropped_.add("thinking.text");
    case Kind::tool_call:
      return dropped_.add("tool_calls");
    case Kind::tool_result:
      return;
  }
}

void PartWriter::text(const Block& b, Str words) {
  w_.begin_object();
  w_.field("type", "input_text");
  w_.field("text", words);
  end_part(b);
}

void PartWriter::image(const Block& b) {
  const bool file = same_ && b.data.empty() && b.url.empty() && !b.file_id.empty();
  if (!file)
    if (const auto words = openai_chat::image_in_words(b, quirks_, dropped_)) return bare(*words);
  w_.begin_object();
  w_.field("type", "input_image");
  if (file) {
    w_.field("file_id", b.file_id);
  } else {
    w_.key("image_url");
    openai_chat::write_url_or_data(w_, b);
  }
  w_.field("detail", b.detail.empty() ? Str("auto") : b.detail);
  end_part(b);
}

void PartWriter::audio(const Block& b) {
  Str format = b.media_type;
  if (format.starts_with("audio/")) format.remove_prefix(6);
  w_.begin_object();
  w_.field("type", "input_audio");
  w_.key("input_audio");
  w_.begin_object();
  w_.field("data", b.data);
  w_.field("format", format == "mpeg" ? Str("mp3") : format);
  w_.end_object();
  end_part(b);
}

void PartWriter::document(const Block& b, bool result) {
  if (!b.text.empty() || !b.content.empty()) {
    std::string words =
        b.name.empty() ? std::string() : std::string("[document: ").append(b.name).append("]\n");
    words += b.text;
    if (!words.empty()) text(b, words);
    for (const Block& inner : b.content) part(inner, result);
    return;
  }
  if (b.data.empty() && b.url.empty() && !(same_ && !b.file_id.empty())) {
    dropped_.add("document.file_id");
    return bare("[a document that cannot be shown here]");
  }
  w_.begin_object();
  w_.field("type", "input_file");
  if (!b.data.empty()) {
    std::string name(b.name.empty() ? Str("document") : b.name);
    const bool pdf = b.media_type.empty() || b.media_type == "application/pdf";
    if (pdf && name.find('.') == std::string::npos) name += ".pdf";  // the ending tells the vendor the type
    w_.field("filename", std::string_view(name));
    w_.key("file_data");
    openai_chat::write_url_or_data(w_, b);
  } else {
    w_.field(b.url.empty() ? "file_id" : "file_url", b.url.empty() ? b.file_id : b.url);
    if (same_ && !b.name.empty()) w_.field("filename", b.name);
  }
  end_part(b);
}

// Tool search results are the one block of a provider that says something to any model: which tools there are now.
void PartWriter::opaque(const Block& b) {
  if (b.format == kName && same_) return w_.write(b.raw);
  dropped_.add("provider_blocks");
  if (const Str tool = b.raw["tool_name"].as_string(); !tool.empty())
    bare(std::string("[tool available: ").append(tool).append("]"));
}

}  // namespace pb::llm::openai_responses
