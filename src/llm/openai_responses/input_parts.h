// Writes the content parts of a request's messages and results. Only input_*.cpp include this.
#pragma once
#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {

inline bool is_text(const Block& b) { return b.kind == Block::Kind::text || b.kind == Block::Kind::refusal; }

class PartWriter {
 public:
  PartWriter(const Request& r, const Quirks& quirks, Dropped& dropped, json::Writer& w)
      : quirks_(quirks), dropped_(dropped), w_(w), same_(r.format == kName) {}

  // `result`: of a tool's result, which takes no audio.
  void part(const Block& b, bool result);
  void bare(Str text);
  // The members that may follow any part, and its end.
  void end_part(const Block& b);
  // Names what of the block beyond its text is lost.
  void marks(const Block& b);
  void drop_extra(const Block& b);
  bool keeps_extra(const Block& b) const { return same_ && b.format == kName && b.extra.is_object(); }

 private:
  void text(const Block& b, Str words);
  void image(const Block& b);
  void audio(const Block& b);
  void document(const Block& b, bool result);
  void opaque(const Block& b);

  const Quirks& quirks_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
};

}  // namespace pb::llm::openai_responses
