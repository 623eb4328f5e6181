// Writes content blocks of a request's messages, and collects those that stand in `documents`. Only *_encode.cpp include this.
#pragma once
#include "llm/cohere/cohere.h"

namespace pb::llm::cohere {

class PartWriter {
 public:
  PartWriter(const Request& r, const Quirks& quirks, Dropped& dropped, json::Writer& w);

  // `is_user`: the message may hold media and documents.
  void part(const Block& b, bool is_user);
  void text_part(Str text, const Block& b);
  void bare_text(Str text);
  // The members that may follow any block, and its end.
  void end_part(const Block& b);
  // Whether a block of a user's message belongs to `documents`.
  bool is_document(const Block& b) const;
  void keep_document(const Block& b) { documents_.push_back(&b); }
  // The member `documents` of the request, if there are any.
  void write_documents();
  // Whether the block carries members of its own that a plain string could not.
  bool marked(const Block& b) const;
  // Names what of the block beyond its text is lost.
  void note_marks(const Block& b);

 private:
  void opaque(const Block& b);
  void image(const Block& b);
  void document(const Block& b, bool is_user);

  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  bool cites_ = false;
  std::vector<const Block*> documents_;
};

}  // namespace pb::llm::cohere
