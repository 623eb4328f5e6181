// Regular expressions as JSON Schema has them (ECMA-262, with the `u` flag), matched by RE2: in time that grows with the text's length
// and nothing else. What RE2 has no words for is refused when the pattern is compiled, not when it is used.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace re2 {
class RE2;
}

namespace pb::schema {

// A pattern in RE2's own syntax. Look-aheads that stand right behind a leading `^` are conditions of their own.
struct Translated {
  struct Condition {
    std::string text;
    bool wanted = true;
  };
  std::vector<Condition> conditions;  // all must hold
};

// Errors: invalid_request, "is no regular expression: …" or "uses a look-behind, which …".
Result<Translated> translate(std::string_view ecma);
// Whether it is a regular expression by ECMA-262, also if translate() would refuse it.
bool is_regular_expression(std::string_view ecma);

class Pattern {
 public:
  // `memory_bytes` bounds the compiled program and what matching keeps of its states.
  static Result<Pattern> compile(std::string_view ecma, std::int64_t memory_bytes);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // Whether it is found anywhere in the text, which is UTF-8.
  bool found_in(std::string_view text) const;
  // Instructions of the program: what a byte of text costs at most.
  std::int64_t size() const { return size_; }

 private:
  struct Part {
    std::unique_ptr<const re2::RE2> expression;
    bool wanted = true;
  };
  Pattern();
  std::vector<Part> parts_;
  std::int64_t size_ = 0;
};

}  // namespace pb::schema
