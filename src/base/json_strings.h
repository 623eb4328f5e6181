// The inner loops of JSON strings (RFC 8259, section 7), 64 bytes at a time. Texts of agents are full of escapes (code,
// quotations, line ends), so none of this branches on single characters where the processor has AVX-512's byte instructions.
#pragma once
#include <cstddef>

namespace pb::json {

// How far a copy came: the first byte not read, the first byte not written.
struct Copied {
  const char* at;
  char* to;
};

struct StringLoops {
  // The next quote that is not escaped, or `end`.
  const char* (*find_quote)(const char* at, const char* end);

  // Copies the inside of a string and resolves escapes of two characters. Stops at `end`, and before whatever else a
  // string cannot be copied over: a quote, a control character, \u, an unknown or cut escape.
  // `to` needs room for end - at + kStringRoom bytes; bytes behind the returned `to` may be overwritten.
  Copied (*unescape)(const char* at, const char* end, char* to);

  // Copies text and escapes quotes, backslashes and control characters. Stops at `end`, before a control character that
  // needs \u, and once `to` is beyond `limit`, behind which there must be kStringRoom bytes.
  Copied (*escape)(const char* at, const char* end, char* to, const char* limit);
};

inline constexpr std::size_t kStringRoom = 192;

// For every processor.
const StringLoops& portable_string_loops();

// What this processor does best.
const StringLoops& string_loops();

}  // namespace pb::json
