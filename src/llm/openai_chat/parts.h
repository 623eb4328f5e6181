// Writes the content parts of a request's messages. Only openai_chat_encode_*.cpp include this.
#pragma once
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_chat {

// An image, audio or a document that is not text: what a `tool` message cannot hold.
bool is_media(const Block& b);
std::string_view media_name(const Block& b);

class PartWriter {
 public:
  PartWriter(const Request& r, const Quirks& quirks, Dropped& dropped, json::Writer& w)
      : quirks_(quirks), dropped_(dropped), w_(w), same_(r.format == kName) {}

  // `user`: the message may hold media.
  void part(const Block& b, bool user);
  void media(const Block& b);
  void bare_text(Str text);
  // Whether the block carries members that a plain string could not.
  bool keeps_marks(const Block& b) const;
  // Names what of the block beyond its text is lost.
  void note_marks(const Block& b);

 private:
  void opaque(const Block& b);
  void end_part(const Block& b);
  void text_part(Str text, const Block& b);
  void image(const Block& b);
  void document(const Block& b, bool user);
  void text_document(const Block& b, bool user);
  void file(const Block& b);

  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
};

}  // namespace pb::llm::openai_chat
