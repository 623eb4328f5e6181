#include "route/walk.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using pb::route::Walk;

namespace {

// A value with strings full of what could be taken for structure.
std::string nested(std::mt19937& random, int depth) {
  constexpr std::string_view kParts[] = {"{",    "}", "[",   "]", "\\\"",
                                         "\\\\", "a", "\\n", ",", "words and words "};
  std::string text = "\"";
  for (auto n = random() % 12; n > 0; --n) text += kParts[random() % std::size(kParts)];
  text += '"';
  if (depth == 0) return text;
  std::string out = "{" + text + ": [";
  for (auto n = random() % 4; n > 0; --n) out += nested(random, depth - 1) + ", ";
  return out + "1]}";
}

}  // namespace

TEST_CASE("walk: a nested value is passed over whole, wherever it ends") {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const std::string value = nested(random, 1 + i % 4);
    const std::string text = value + std::string(static_cast<std::size_t>(i % 70), ']');
    Walk walk(text);
    CHECK(walk.skip() == value);
    CHECK(Walk(value).fills_text());
    CHECK(Walk(value + " \n").fills_text());
    CHECK_FALSE(Walk(value + "x").fills_text());
    for (std::size_t cut = 1; cut < value.size(); ++cut) {
      const std::string part = value.substr(0, cut);
      CHECK_FALSE(Walk(part).fills_text());
    }
  }
  CHECK_FALSE(Walk("").fills_text());
  CHECK_FALSE(Walk("<html>").fills_text());
  CHECK_FALSE(Walk("\"text\"").fills_text());
}
