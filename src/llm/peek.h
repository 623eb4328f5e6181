// Reads the few members of a request body that routing needs, without parsing the rest, and replaces the
// model's name in place: the fast path of same-format forwarding.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::llm {

struct ByteRange {
  std::size_t begin = 0, end = 0;
};

// Up to twelve ranges of a body, ascending; what does not fit is left out.
struct ByteRanges {
  std::array<ByteRange, 12> at{};
  std::size_t count = 0;
  void add(std::size_t begin, std::size_t end) {
    if (count < at.size()) at[count++] = {begin, end};
  }
  std::span<const ByteRange> all() const { return {at.data(), count}; }
};

struct RequestPeek {
  std::string model;         // unescaped; "" (and model_bytes 0) when the body names none
  std::size_t model_at = 0;  // byte offset and length of the model's JSON token, quotes included
  std::size_t model_bytes = 0;
  bool stream = false;
  bool has_stream = false;          // the body says whether to stream
  bool has_stream_options = false;  // OpenAI: the client said something about stream usage
  bool include_usage = false;
  std::size_t object_end = 0;  // offset of the closing brace: where a member can be added
  bool thinking =
      false;  // the client wants the model to think before it answers, in whatever format it says so
  bool previous_response = false;  // OpenAI Responses: goes on from an answer that a server keeps
  std::int64_t answer_max = 0;     // tokens that the answer may have, as the request says; 0 = it does not
  bool thread = false;  // Anthropic: only the newest messages are sent, the provider is to know the rest
  // What may differ between two tries of one conversation (stream, token limits, metadata), for comparing conversations:
  // members with the commas that follow them.
  ByteRanges varying;
};

// `body` gets spare capacity for the scanner but keeps its content. Of a repeated key the last one counts.
// Errors: not a JSON object, not UTF-8, something after it, or model, stream or stream_options of a wrong type
// (invalid_request, with line and column). The values of other members are skipped, not checked: the provider
// the body goes to will.
Result<RequestPeek> peek_request(std::string& body);

}  // namespace pb::llm
