// Cuts a text into the pieces within which tokens are merged, as the encodings' published patterns do:
//
//   o200k   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+C? | the same with + and * swapped |
//           \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n/]* | \s*[\r\n]+ | \s+(?!\S) | \s+
//   cl100k  C | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s+$ | \s*[\r\n] | \s+(?!\S) | \s
//   C       '(s|t|re|ve|m|ll|d), in any case
#pragma once
#include "llm/tokens/tables.h"

namespace pb::llm::tokens {

// What kind of text a piece is: other models' tokenizers differ from OpenAI's by kind. A word beyond ASCII is of the
// script of its first letter that is not ASCII.
enum class Kind : std::uint8_t {
  word,      // ASCII letters, perhaps with a space or another character before them
  latin,     // with letters as é among them
  cyrillic,  // and Greek
  han,       // Chinese, Japanese
  kana,      // Japanese
  hangul,    // Korean
  script,    // all others: Arabic, Hebrew, Hindi, Thai, …
  number,    // one to three digits
  symbol,    // punctuation, emoji, what is no UTF-8
  space      // spaces and line ends on their own
};
inline constexpr int kKinds = 10;

struct Piece {
  const Byte* end;
  Kind kind;
};

class Splitter {
 public:
  explicit Splitter(Encoding encoding) : encoding_(encoding) {}
  // The piece at `p`, which must be less than `end`. A piece depends only on what follows it.
  Piece next(const Byte* p, const Byte* end) const {
    return encoding_ == Encoding::o200k ? next_o200k(p, end) : next_cl100k(p, end);
  }

 private:
  struct Word {
    const Byte* lower_end;  // where a piece with a lower-case end ends, or null
    const Byte* upper_end;  // where any word ends, or null
    const Byte* wide;       // its first character beyond ASCII, or null
  };
  Piece next_o200k(const Byte* p, const Byte* end) const;
  Piece next_cl100k(const Byte* p, const Byte* end) const;
  Word word(const Byte* p, const Byte* end) const;
  Word letters(const Byte* p, const Byte* end) const;
  Piece number(const Byte* p, const Byte* end, CharClass first) const;
  const Byte* symbols(const Byte* p, const Byte* end, CharClass first) const;
  Piece space(const Byte* p, const Byte* end) const;
  CharClass at(const Byte* p, const Byte* end) const;

  Encoding encoding_;
  Classes classes_;
};

}  // namespace pb::llm::tokens
