// Reads the parts of ECMA-262's regular expressions: characters, their escapes and their classes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::schema {

class PatternReader {
 public:
  static constexpr std::uint32_t kEnd = 0xffffffff;

  explicit PatternReader(std::string_view in) : in_(in) {}

  bool done() const { return at_ >= in_.size(); }
  std::uint32_t peek() const { return done() ? kEnd : static_cast<unsigned char>(in_[at_]); }
  std::string_view rest() const { return in_.substr(at_); }
  void skip(std::size_t bytes) { at_ = at_ + bytes < in_.size() ? at_ + bytes : in_.size(); }
  bool eat(std::string_view text);
  // One code point of the pattern, which is UTF-8; not at its end.
  std::uint32_t take();

  // An escape that stands for one character; at the letter.
  Result<std::uint32_t> character_escape();
  // "\d", "\P{…}" …, as the inside of a class of RE2's; at the letter. False: it is none of them.
  Result<bool> class_escape(std::string& inside);
  // "a-z\d]" behind the opening bracket, as a whole class of RE2's.
  Result<std::string> character_class();

  // What was read but cannot be said in RE2's syntax: "a look-behind".
  void cannot(std::string_view what) { unsupported_ = what; }
  std::string_view unsupported() const { return unsupported_; }

 private:
  Result<std::uint32_t> hex(int digits);
  Result<std::uint32_t> unicode();
  Result<std::uint32_t> class_atom(std::string& inside);

  std::string_view in_;
  std::size_t at_ = 0;
  std::string_view unsupported_;
};

std::unexpected<Error> bad_pattern(const std::string& what);

// Never fits: a class without members.
inline constexpr std::string_view kNoCharacter = "[^\\x{0}-\\x{10ffff}]";

inline bool is_ascii_digit(std::uint32_t c) { return c >= '0' && c <= '9'; }
inline bool is_ascii_letter(std::uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace pb::schema
