// A walk through JSON text that looks only where it is asked to: no tree, no copies, strings as they stand (escaped). For text that
// was checked before; of other text it makes something, without reading past its end.
#pragma once
#include <string_view>

#include "base/json_strings.h"

namespace pb::route {

class Walk {
 public:
  explicit Walk(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is not space; '\0' at the end.
  char peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }

  // The string that begins here, without its quotes.
  std::string_view string() {
    const char* begin = ++at_;
    at_ = at_ < end_ ? json::string_loops().find_quote(at_, end_) : end_;
    return {begin, static_cast<std::size_t>((at_ < end_ ? at_++ : at_) - begin)};
  }

  // Passes over the value that begins here, and returns its text.
  std::string_view skip() {
    const char c = peek();
    const char* begin = at_;
    if (c == '"') {
      string();
    } else if (c == '{' || c == '[') {
      skip_nested();
    } else {
      while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && *at_ > ' ') ++at_;
      if (at_ == begin && at_ < end_) ++at_;  // no value: go on anyhow
    }
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  // Whether an object or a list begins here and ends where the text does. Passes over it.
  bool fills_text() {
    const char c = peek();
    return (c == '{' || c == '[') && skip_nested() && peek() == '\0';
  }

  // Calls `value(key)` for each member of the object that begins here; it passes over the member's value.
  template <class F>
  void members(F&& value) {
    if (peek() != '{') return void(skip());
    ++at_;
    while (peek() == '"') {
      const std::string_view key = string();
      if (peek() != ':') break;
      ++at_;
      peek();
      value(key);
      if (peek() != ',') break;
      ++at_;
    }
    close('}');
  }

  // Calls `value()` for each item of the list that begins here.
  template <class F>
  void items(F&& value) {
    if (peek() != '[') return void(skip());
    ++at_;
    while (peek() != ']' && peek() != '\0') {
      const char* before = at_;
      value();
      if (at_ == before) break;
      if (peek() != ',') break;
      ++at_;
    }
    close(']');
  }

 private:
  // Behind a broken object or list nothing is read.
  void close(char c) {
    if (peek() == c)
      ++at_;
    else
      at_ = end_;
  }
  bool skip_nested();  // false: the text ends before it does

  const char* at_;
  const char* end_;
};

// How many bytes are no ASCII.
std::size_t count_high(std::string_view text);

}  // namespace pb::route
