#include "llm/tokens/split.h"

#include <array>

namespace pb::llm::tokens {
namespace {

constexpr std::uint8_t kAnyLetter = kUpper | kLower | kLetter;
constexpr std::uint8_t kHead = kUpper | kLetter | kMark;  // what a word of o200k begins with
constexpr std::uint8_t kTail = kLower | kLetter | kMark;  // and ends with

constexpr std::array<std::uint8_t, 128> kAscii = [] {
  std::array<std::uint8_t, 128> is{};
  for (std::size_t c = 'A'; c <= 'Z'; ++c) is[c] = kUpper;
  for (std::size_t c = 'a'; c <= 'z'; ++c) is[c] = kLower;
  for (std::size_t c = '0'; c <= '9'; ++c) is[c] = kNumber;
  for (std::size_t c = '\t'; c <= '\r'; ++c) is[c] = kSpace;
  is[' '] = kSpace;
  is['\n'] = is['\r'] = kSpace | kNewline;
  return is;
}();

// The end of "'s" and its like at `p`, or `p`.
const Byte* contraction(const Byte* p, const Byte* end) {
  if (end - p < 2 || *p != '\'') return p;
  const auto lower = [](Byte c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; };
  const int a = lower(p[1]);
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return p + 2;
  if (end - p < 3) return p;
  const int b = lower(p[2]);
  return (b == 'e' && (a == 'r' || a == 'v')) || (a == 'l' && b == 'l') ? p + 3 : p;
}

// By the first bytes of a letter in UTF-8.
Kind kind_of(const Byte* wide) {
  if (wide == nullptr) return Kind::word;
  const Byte lead = wide[0];
  if (lead < 0xCD) return Kind::latin;                      // to U+033F
  if (lead < 0xD5) return Kind::cyrillic;                   // to U+053F
  if (lead == 0xE1 && wide[1] >= 0xB8) return Kind::latin;  // U+1E00 to U+1FFF: Vietnamese
  if (lead == 0xE3) return wide[1] < 0x90 ? Kind::kana : Kind::han;
  if (lead >= 0xE4 && lead <= 0xE9) return Kind::han;
  if (lead >= 0xEA && lead <= 0xED) return lead == 0xEA && wide[1] < 0xB0 ? Kind::script : Kind::hangul;
  return lead == 0xF0 && wide[1] >= 0xA0 ? Kind::han : Kind::script;
}

}  // namespace

inline CharClass Splitter::at(const Byte* p, const Byte* end) const {
  return *p < 0x80 ? CharClass{kAscii[*p], 1} : classes_.at(p, end);
}

// A run of head characters, then a run of tail characters. A pattern that must end in a tail character gives some of
// the head's run back when nothing else follows: up to its last character that may be either.
Splitter::Word Splitter::word(const Byte* p, const Byte* end) const {
  const Byte* q = p;
  const Byte* either = nullptr;
  const Byte* wide = nullptr;
  for (CharClass c; q < end; q += c.bytes) {
    c = at(q, end);
    if (!(c.is & kHead)) break;
    if (c.is & kTail) either = q + c.bytes;
    if (c.bytes > 1 && !wide) wide = q;
  }
  const Byte* tail = q;
  while (q < end) {
    while (q < end && *q >= 'a' && *q <= 'z') ++q;
    if (q == end || *q < 0x80) break;
    const CharClass c = classes_.at(q, end);
    if (!(c.is & kTail)) break;
    if (!wide) wide = q;
    q += c.bytes;
  }
  return {q > tail ? q : either, q > p ? q : nullptr, wide};
}

// Nothing of o200k's pattern for words fits in two ways but for the first character, which may be one that is no
// letter (tried first) or a mark that belongs to the word.
Piece Splitter::next_o200k(const Byte* p, const Byte* end) const {
  const CharClass c = at(p, end);
  const bool before = !(c.is & (kAnyLetter | kNumber | kNewline)) && p + c.bytes < end;
  Word after{}, here{};
  if (before) {
    after = word(p + c.bytes, end);
    if (after.lower_end) return {contraction(after.lower_end, end), kind_of(after.wide)};
  }
  if (c.is & (kAnyLetter | kMark)) here = word(p, end);
  if (here.lower_end) return {contraction(here.lower_end, end), kind_of(here.wide)};
  if (after.upper_end) return {contraction(after.upper_end, end), kind_of(after.wide)};
  if (here.upper_end) return {contraction(here.upper_end, end), kind_of(here.wide)};
  if (c.is & kNumber) return number(p, end, c);
  if (const Byte* q = symbols(p, end, c)) {
    while (q < end && (*q == '\r' || *q == '\n' || *q == '/')) ++q;
    return {q, Kind::symbol};
  }
  return space(p, end);
}

Piece Splitter::next_cl100k(const Byte* p, const Byte* end) const {
  if (const Byte* q = contraction(p, end); q != p) return {q, Kind::word};
  const CharClass c = at(p, end);
  if (!(c.is & (kNumber | kNewline))) {
    const Byte* first = c.is & kAnyLetter ? p : p + c.bytes;
    const Word word = letters(first, end);
    if (word.upper_end) return {word.upper_end, kind_of(word.wide)};
  }
  if (c.is & kNumber) return number(p, end, c);
  if (const Byte* q = symbols(p, end, c)) {
    while (q < end && (*q == '\r' || *q == '\n')) ++q;
    return {q, Kind::symbol};
  }
  return space(p, end);
}

Splitter::Word Splitter::letters(const Byte* p, const Byte* end) const {
  const Byte* q = p;
  const Byte* wide = nullptr;
  for (CharClass c; q < end; q += c.bytes) {
    c = at(q, end);
    if (!(c.is & kAnyLetter)) break;
    if (c.bytes > 1 && !wide) wide = q;
  }
  return {nullptr, q > p ? q : nullptr, wide};
}

Piece Splitter::number(const Byte* p, const Byte* end, CharClass first) const {
  const Byte* q = p + first.bytes;
  for (int more = 2; more > 0 && q < end; --more) {
    const CharClass c = at(q, end);
    if (!(c.is & kNumber)) break;
    q += c.bytes;
  }
  return {q, Kind::number};
}

// A run of what is no space, letter or number, perhaps after one space; null when there is none.
const Byte* Splitter::symbols(const Byte* p, const Byte* end, CharClass first) const {
  constexpr std::uint8_t kOthers = kSpace | kAnyLetter | kNumber;
  const Byte* q = p;
  if (*p == ' ') {
    if (++q == end) return nullptr;
    first = at(q, end);
  }
  if (first.is & kOthers) return nullptr;
  for (CharClass c = first; !(c.is & kOthers); c = at(q, end)) {
    q += c.bytes;
    if (q == end) break;
  }
  return q;
}

Piece Splitter::space(const Byte* p, const Byte* end) const {
  const Byte* q = p;
  const Byte* last = p;  // the run's last character
  const Byte* line = nullptr;
  for (CharClass c; q < end; q += c.bytes) {
    c = at(q, end);
    if (!(c.is & kSpace)) break;
    last = q;
    if (c.is & kNewline) line = q + c.bytes;
  }
  if (encoding_ == Encoding::cl100k && q == end) return {q, Kind::space};
  if (line) return {line, Kind::space};
  return {q == end || last == p ? q : last, Kind::space};
}

}  // namespace pb::llm::tokens
