#include "base/schema/pattern_reader.h"

#include <algorithm>

#include "base/schema/pattern_classes.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

int hex_value(std::uint32_t c) {
  if (is_ascii_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A' + 10);
  return -1;
}

}  // namespace

std::unexpected<Error> bad_pattern(const std::string& what) {
  return fail(Code::invalid_request, "is no regular expression: " + what);
}

bool PatternReader::eat(std::string_view text) {
  if (!rest().starts_with(text)) return false;
  at_ += text.size();
  return true;
}

std::uint32_t PatternReader::take() {
  const std::size_t n = std::max<std::size_t>(1, utf8::length(in_, at_));
  std::uint32_t c = static_cast<unsigned char>(in_[at_]);
  if (n > 1) c &= 0x7fu >> n;
  for (std::size_t i = 1; i < n; ++i) c = c << 6 | (static_cast<unsigned char>(in_[at_ + i]) & 0x3f);
  at_ += n;
  return c;
}

Result<std::uint32_t> PatternReader::hex(int digits) {
  std::uint32_t c = 0;
  for (int i = 0; i < digits; ++i) {
    const int h = hex_value(peek());
    if (h < 0) return bad_pattern("an escape lacks hexadecimal digits");
    c = c * 16 + static_cast<std::uint32_t>(h);
    ++at_;
  }
  return c;
}

// Behind "\u".
Result<std::uint32_t> PatternReader::unicode() {
  std::uint32_t c = 0;
  if (eat("{")) {
    if (peek() == '}') return bad_pattern("an escape lacks hexadecimal digits");
    while (!eat("}")) {
      TRY_ASSIGN(const std::uint32_t h, hex(1));
      c = c * 16 + h;
      if (c > kCodePointMax) return bad_pattern("an escape is beyond U+10FFFF");
    }
    return c;
  }
  TRY_ASSIGN(c, hex(4));
  if (c >= 0xd800 && c < 0xdc00 && rest().starts_with("\\u")) {
    const std::size_t back = at_;
    at_ += 2;
    TRY_ASSIGN(const std::uint32_t low, hex(4));
    if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    at_ = back;
  }
  return c;
}

// An escape that stands for one character; at the letter.
Result<std::uint32_t> PatternReader::character_escape() {
  if (at_ >= in_.size()) return bad_pattern("it ends with a `\\`");
  const std::uint32_t c = take();
  switch (c) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'v':
      return '\v';
    case 'f':
      return '\f';
    case 'r':
      return '\r';
    case '0':
      if (is_ascii_digit(peek())) return bad_pattern("there are no octal escapes");
      return 0;
    case 'c': {
      if (!is_ascii_letter(peek())) return bad_pattern("a `\\c` lacks its letter");
      return take() & 31;
    }
    case 'x':
      return hex(2);
    case 'u':
      return unicode();
    default:
      if (is_ascii_letter(c) || is_ascii_digit(c))
        return bad_pattern("there is no `\\" + std::string(1, static_cast<char>(c)) + "`");
      return c;
  }
}

// "\d", "\P{…}" …, as the inside of a class; at the letter. False: it is none of them.
Result<bool> PatternReader::class_escape(std::string& inside) {
  const std::uint32_t c = peek();
  switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
      inside = std::string("\\") + static_cast<char>(c);
      break;
    case 's':
    case 'S':
      inside = space_class(c == 'S');
      break;
    case 'p':
    case 'P': {
      const std::size_t end = in_.find('}', at_);
      if (!in_.substr(at_ + 1).starts_with("{") || end == std::string_view::npos)
        return bad_pattern("a `\\p` lacks its `{…}`");
      const std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
      inside = property_class(name, c == 'P');
      if (inside.empty()) {
        unsupported_ = "a property of characters that is not known here";
        inside = "a";
      }
      at_ = end;
      break;
    }
    default:
      return false;
  }
  ++at_;
  return true;
}

// A member of a class: one character, or a class of its own in `inside`.
Result<std::uint32_t> PatternReader::class_atom(std::string& inside) {
  if (!eat("\\")) return take();
  TRY_ASSIGN(const bool is_class, class_escape(inside));
  if (is_class) return kEnd;
  if (eat("b")) return '\b';
  return character_escape();
}

// Behind the opening bracket.
Result<std::string> PatternReader::character_class() {
  const bool negated = eat("^");
  std::string members;
  for (;;) {
    if (at_ >= in_.size()) return bad_pattern("a `[` is not closed");
    if (eat("]")) break;
    std::string inside;
    TRY_ASSIGN(const std::uint32_t from, class_atom(inside));
    const bool range = peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']';
    if (!range || from == kEnd) {  // a `-` behind a class is a character
      if (from == kEnd)
        members += inside;
      else
        append_range(members, from, from);
      continue;
    }
    ++at_;
    TRY_ASSIGN(const std::uint32_t to, class_atom(inside));
    if (to == kEnd) {
      append_range(members, from, from);
      append_range(members, '-', '-');
      members += inside;
      continue;
    }
    if (to < from) return bad_pattern("a range of characters is in the wrong order");
    append_range(members, from, to);
  }
  if (members.empty()) return std::string(negated ? std::string_view("(?s:.)") : kNoCharacter);
  return (negated ? "[^" : "[") + members + "]";
}

}  // namespace pb::schema
