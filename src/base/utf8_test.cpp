#include "base/utf8.h"

#include <doctest/doctest.h>

#include <string>

using namespace pb;

TEST_CASE("utf-8: characters are counted, not bytes, in texts of every length") {
  std::string text;
  std::int64_t n = 0;
  const std::string_view kLetters[] = {"a", "é", "€", "😀"};
  for (int i = 0; i < 80; ++i) {
    CHECK(utf8::characters(text) == n);
    text += kLetters[i % 4];
    ++n;
  }
}

TEST_CASE("utf-8: a text is cut between characters") {
  CHECK(utf8::beginning("aé", 3) == "aé");
  CHECK(utf8::beginning("aéb", 2) == "a");
  CHECK(utf8::beginning("€😀", 6) == "€");
  CHECK(utf8::beginning("€", 2).empty());
  CHECK(utf8::cut("aé", 3) == "aé");
  CHECK(utf8::cut("aé", 2) == "a…");
}

TEST_CASE("utf-8: what is ill-formed is found and replaced") {
  CHECK(utf8::valid("a é € 😀"));
  for (const std::string_view bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    CHECK_FALSE(utf8::valid(bad));
    CHECK(utf8::valid(utf8::repair(bad)));
    CHECK(utf8::repair("a" + std::string(bad) + "b").starts_with("a\xEF\xBF\xBD"));
  }
}
