#include "base/names.h"

#include <doctest/doctest.h>

using namespace pb;

TEST_CASE("names: of values, and back") {
  enum class Color : std::uint8_t { red, green };
  static constexpr std::array<std::string_view, 2> kNames = {"red", "green"};
  CHECK(name_in(kNames, Color::green) == "green");
  CHECK(value_named<Color>(kNames, "green") == Color::green);
  CHECK(value_named<Color>(kNames, "red") == Color::red);
  CHECK_FALSE(value_named<Color>(kNames, "Red"));
  CHECK_FALSE(value_named<Color>(kNames, ""));
}
