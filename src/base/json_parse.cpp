#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/json_strings.h"

namespace pb::json {
namespace {

// Strings that are likely to be short: up to a part of the text.
constexpr std::ptrdiff_t kShortParts = 16, kShortBytesMin = 1024, kShortBytesMax = 64 * 1024;
constexpr std::ptrdiff_t kPairBytes = 12;  // of the longest escape
constexpr std::size_t kScratch = 16;  // elements of containers still open: one allocation for small texts

// Faults are rare: the functions below say only whether all is well, and the first fault is kept, with `at_` where it is.
class Parser {
 public:
  Parser(std::string_view text, Arena& arena, ParseLimits limits)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), arena_(arena), limits_(limits) {}

  Result<Value> prefix() {
    Value v;
    if (!first(v)) return error();
    return v;
  }

  Result<Value> run() {
    Value v;
    if (!first(v) || !last()) return error();
    return v;
  }

 private:
  bool bad(std::string_view what) {
    fault_ = what;
    return false;
  }

  bool too_deep() { return bad("nested deeper than " + std::to_string(limits_.depth_max)); }

  std::unexpected<Error> error() const {
    std::size_t line = 1, column = 1;
    for (const char* p = begin_; p < at_; ++p) {
      if (*p == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(*p) & 0xc0) != 0x80) {
        ++column;
      }
    }
    return fail(Code::invalid_request, "invalid JSON at line " + std::to_string(line) + ", column " +
                                           std::to_string(column) + ": " + fault_);
  }

  bool first(Value& v) {
    if (end_ - begin_ > 0xfffffff0L) return bad("text of 4 GiB or more");
    skip_space();
    return value(v, 0);
  }

  bool last() {
    skip_space();
    return at_ == end_ || bad("expected the end of the text");
  }

  // Most tokens follow one another directly, or after one blank.
  void skip_space() {
    while (at_ < end_ && static_cast<unsigned char>(*at_) <= ' ') {
      if (*at_ != ' ' && *at_ != '\n' && *at_ != '\r' && *at_ != '\t') return;
      ++at_;
    }
  }

  // Moves over one character, if it is there.
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
      return bad("expected a value");
    at_ += word.size();
    return true;
  }

  bool value(Value& out, std::size_t depth) {
    if (at_ == end_) return bad("expected a value, found the end of the text");
    switch (*at_) {
      case '{':
        return object(out, depth + 1);
      case '[':
        return array(out, depth + 1);
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        out = Value::string(text);
        return true;
      }
      case 't':
        out = Value::boolean(true);
        return literal("true");
      case 'f':
        out = Value::boolean(false);
        return literal("false");
      case 'n':
        out = Value{};
        return literal("null");
      default:
        return number(out);
    }
  }

  bool digits() {
    if (at_ == end_ || *at_ < '0' || *at_ > '9') return bad("expected a digit");
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return true;
  }

  bool number(Value& out) {
    const char* start = at_;
    if (*at_ == '-') ++at_;
    if (at_ == end_ || *at_ < '0' || *at_ > '9') {
      at_ = start;
      return bad("expected a value");
    }
    if (*at_ == '0')
      ++at_;
    else if (!digits())
      return false;
    if (take('.') && !digits()) return false;
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    out = Value::number_text({start, static_cast<std::size_t>(at_ - start)});
    return true;
  }

  // At the opening quote. Without escapes the view is into the text; else it is unescaped into the arena.
  bool string(std::string_view& out) {
    const char* start = ++at_;
    at_ = find_special(at_, end_);
    if (at_ < end_ && *at_ == '"') {
      out = {start, static_cast<std::size_t>(at_ - start)};
      ++at_;
      return true;
    }
    return short_string(start, out) || escaped_string(start, out);
  }

  // The string from `start`, as below, but in one pass, where it is not long and nothing is wrong with it; else nothing is
  // changed.
  bool short_string(const char* start, std::string_view& out) {
    const char* const special = at_;
    const auto clean = static_cast<std::size_t>(special - start);
    const auto bytes =
        std::min(end_ - special, std::clamp((end_ - begin_) / kShortParts, kShortBytesMin, kShortBytesMax));
    char* const buffer =
        static_cast<char*>(arena_.allocate(clean + static_cast<std::size_t>(bytes) + kStringRoom));
    const char* const stop = special + bytes;
    std::memcpy(buffer, start, clean);
    for (char* to = buffer + clean;;) {
      const Copied copied = loops_.unescape(at_, stop, to);
      at_ = copied.at;
      to = copied.to;
      if (at_ == stop) break;
      if (*at_ == '"') {
        ++at_;
        out = {buffer, static_cast<std::size_t>(to - buffer)};
        arena_.give_back(to);
        return true;
      }
      if (*at_ != '\\' || stop - at_ < kPairBytes || !long_escape(to, stop)) break;
    }
    arena_.give_back(buffer);
    at_ = special;
    return false;
  }

  // The string from `start`; `at_` is at its first byte that is not taken as it is.
  bool escaped_string(const char* start, std::string_view& out) {
    // The unescaped text is never longer.
    const char* const stop = at_ < end_ ? loops_.find_quote(at_, end_) : end_;
    if (stop == end_) return bad("a string without its closing quote");
    char* const buffer =
        static_cast<char*>(arena_.allocate(static_cast<std::size_t>(stop - start) + kStringRoom));
    const auto clean = static_cast<std::size_t>(at_ - start);
    std::memcpy(buffer, start, clean);
    for (char* to = buffer + clean;;) {
      const Copied copied = loops_.unescape(at_, stop, to);
      at_ = copied.at;
      to = copied.to;
      if (at_ == stop) {
        ++at_;
        out = {buffer, static_cast<std::size_t>(to - buffer)};
        arena_.give_back(to);
        return true;
      }
      if (*at_ != '\\') return bad("a control character inside a string; write it as an escape");
      if (!long_escape(to, stop)) return false;
    }
  }

  static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  }

  bool hex4(const char* p, const char* stop, std::uint32_t& code) const {
    if (stop - p < 4) return false;
    code = 0;
    for (int i = 0; i < 4; ++i) {
      int h = hex(p[i]);
      if (h < 0) return false;
      code = code << 4 | static_cast<std::uint32_t>(h);
    }
    return true;
  }

  static void put_utf8(char*& to, std::uint32_t c) {
    if (c < 0x80) {
      *to++ = static_cast<char>(c);
    } else if (c < 0x800) {
      *to++ = static_cast<char>(0xc0 | c >> 6);
      *to++ = static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      *to++ = static_cast<char>(0xe0 | c >> 12);
      *to++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
      *to++ = static_cast<char>(0x80 | (c & 0x3f));
    } else {
      *to++ = static_cast<char>(0xf0 | c >> 18);
      *to++ = static_cast<char>(0x80 | (c >> 12 & 0x3f));
      *to++ = static_cast<char>(0x80 | (c >> 6 & 0x3f));
      *to++ = static_cast<char>(0x80 | (c & 0x3f));
    }
  }

  // \uXXXX, or two of them for one character; half of such a pair becomes U+FFFD.
  bool long_escape(char*& to, const char* stop) {
    const char* here = at_;
    if (at_[1] != 'u') return bad("an unknown escape in a string");
    at_ += 2;
    std::uint32_t code = 0;
    if (!hex4(at_, stop, code)) {
      at_ = here;
      return bad("\\u without four hexadecimal digits");
    }
    at_ += 4;
    if (code >= 0xd800 && code < 0xe000) {
      std::uint32_t low = 0;
      if (code < 0xdc00 && stop - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u' && hex4(at_ + 2, stop, low) &&
          low >= 0xdc00 && low < 0xe000) {
        at_ += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        code = 0xfffd;
      }
    }
    put_utf8(to, code);
    return true;
  }

  bool array(Value& out, std::size_t depth) {
    if (depth > limits_.depth_max) return too_deep();
    ++at_;
    skip_space();
    if (take(']')) {
      out = Value::array(arena_, {});
      return true;
    }
    const std::size_t base = values_.size();
    for (;;) {
      skip_space();
      Value v;
      if (!value(v, depth)) return false;
      if (values_.capacity() == 0) values_.reserve(kScratch);
      values_.push_back(v);
      skip_space();
      if (take(',')) continue;
      if (take(']')) break;
      return bad(at_ == end_ ? "an array without its closing bracket" : "expected ',' or ']' in an array");
    }
    out = Value::array(arena_, std::span(values_).subspan(base));
    values_.resize(base);
    return true;
  }

  bool object(Value& out, std::size_t depth) {
    if (depth > limits_.depth_max) return too_deep();
    ++at_;
    skip_space();
    if (take('}')) {
      out = Value::object(arena_, {});
      return true;
    }
    const std::size_t base = members_.size();
    for (;;) {
      skip_space();
      if (at_ == end_ || *at_ != '"') return bad("expected a member's name in quotes");
      Member m;
      if (!string(m.key)) return false;
      skip_space();
      if (!take(':')) return bad("expected ':' after a member's name");
      skip_space();
      if (!value(m.value, depth)) return false;
      if (members_.capacity() == 0) members_.reserve(kScratch);
      members_.push_back(m);
      skip_space();
      if (take(',')) continue;
      if (take('}')) break;
      return bad(at_ == end_ ? "an object without its closing brace" : "expected ',' or '}' in an object");
    }
    out = Value::object(arena_, std::span(members_).subspan(base));
    members_.resize(base);
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  Arena& arena_;
  const StringLoops& loops_ = string_loops();
  ParseLimits limits_;
  std::vector<Value> values_;
  std::vector<Member> members_;
  std::string fault_;
};

}  // namespace

Result<Value> parse(std::string_view text, Arena& arena, ParseLimits limits) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return fail(Code::invalid_request, "invalid JSON: the text is not valid UTF-8");
  return Parser(text, arena, limits).run();
}

Result<Value> parse_prefix(std::string_view text, Arena& arena, ParseLimits limits) {
  return Parser(text, arena, limits).prefix();
}

}  // namespace pb::json
