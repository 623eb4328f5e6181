// What a request seems to ask for and how hard that is, guessed from its words and needs without a model: the smart strategy's
// eyes. A wrong guess costs some money or quality, never an answer.
#pragma once
#include <cstdint>
#include <string_view>

#include "route/select.h"

namespace pb::route {

enum class Kind : std::uint8_t {
  chat,
  code,
  maths,
  translation,
  extraction,  // facts out of texts, labels, JSON
  summary,
  writing,
  tools,   // an agent at work
  vision,  // pictures to look at
};

struct Task {
  Kind kind = Kind::chat;
  double difficulty = 0.3;  // 0 … 1
};

// Looks at no more than kTaskBytes of `facts.words`: half from their beginning, half from their end.
Task guess(const Facts& facts);
inline constexpr std::size_t kTaskBytes = 1'024;

std::string_view name_of(Kind kind);
std::string_view name_of_difficulty(double difficulty);  // "easy", "medium", "hard"

}  // namespace pb::route
