#include "base/schema/pattern.h"

#include <re2/re2.h>

namespace pb::schema {

Pattern::Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view ecma, std::int64_t memory_bytes) {
  TRY_ASSIGN(const Translated translated, translate(ecma));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(memory_bytes);
  Pattern pattern;
  for (const Translated::Condition& condition : translated.conditions) {
    auto expression = std::make_unique<re2::RE2>(condition.text, options);
    switch (expression->error_code()) {
      case re2::RE2::NoError:
        break;
      case re2::RE2::ErrorRepeatSize:
        return fail(Code::invalid_request,
                    "repeats more than 1000 times within a repetition, which is too much");
      case re2::RE2::ErrorPatternTooLarge:
        return fail(Code::invalid_request, "is too large once its repetitions are written out");
      case re2::RE2::ErrorBadCharRange:
        return fail(Code::invalid_request,
                    "is no regular expression: it names an unknown class of characters");
      default:
        return fail(Code::invalid_request, "is no regular expression: " + expression->error());
    }
    pattern.size_ += expression->ProgramSize();
    pattern.parts_.push_back({std::move(expression), condition.wanted});
  }
  return pattern;
}

bool Pattern::found_in(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  for (const Part& part : parts_)
    if (part.expression->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0) != part.wanted)
      return false;
  return true;
}

}  // namespace pb::schema
