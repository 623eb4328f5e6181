#include "net/http.h"

#include <doctest/doctest.h>

using namespace pb::net;

TEST_SUITE_BEGIN("net/http");

TEST_CASE("the text of headers is exact while it grows") {
  for (const bool valid : {false, true}) {
    Headers headers;
    std::string expected;
    for (int i = 0; i < 60; ++i) {
      const std::string name = "x-" + std::to_string(i), value(static_cast<std::size_t>(i), 'v');
      valid ? headers.add_valid(name, value) : headers.add(name, value);
      expected += name + ": " + value + "\r\n";
      REQUIRE(headers.text() == expected);
      REQUIRE(headers.get(name) == value);
    }
  }
}

TEST_CASE("line ends and NUL cannot be put into a field") {
  Headers headers;
  headers.add("a\r\nb", std::string_view("c\r\nd: e\0f", 9));
  CHECK(headers.text() == "a  b: c  d: e f\r\n");
}

TEST_SUITE_END();
