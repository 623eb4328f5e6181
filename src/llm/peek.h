// Reads the few members of a request body that routing needs, without parsing the rest, and replaces the
// model's name in place: the fast path of same-format forwarding.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::llm {

struct RequestPeek {
  std::string model;                // unescaped
  std::size_t model_at = 0;         // byte offset and length of the model's JSON token, quotes included
  std::size_t model_bytes = 0;
  bool stream = false;
  bool has_stream_options = false;  // OpenAI: the client said something about stream usage
  bool include_usage = false;
  std::size_t object_end = 0;       // offset of the closing brace: where a member can be added
};

// `body` gets spare capacity for the scanner but keeps its content. Errors name line and column.
Result<RequestPeek> peek_request(std::string& body);

}  // namespace pb::llm
