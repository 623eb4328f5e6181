#include "base/strings.h"

#include <doctest/doctest.h>

using namespace pb;

TEST_CASE("strings: lists with commas") {
  CHECK(items_of(" a, b\t,,c d ,") == std::vector<std::string>{"a", "b", "c d"});
  CHECK(items_of("").empty());
  CHECK(items_of(" , ").empty());
  std::string_view list = "a,, b";
  CHECK(next_item(list) == "a");
  CHECK(next_item(list).empty());
  CHECK(list == " b");
  CHECK(next_item(list) == "b");
  CHECK(list.empty());
}

TEST_CASE("strings: what stands around a text, and its case") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(trim("").empty());
  CHECK(lower("AbZ-09É") == "abz-09É");
}

TEST_CASE("strings: a star at the end stands for any rest") {
  CHECK(covers("gpt-*", "gpt-5"));
  CHECK(covers("gpt-*", "gpt-"));
  CHECK_FALSE(covers("gpt-*", "gpt"));
  CHECK(covers("*", ""));
  CHECK(covers("gpt", "gpt"));
  CHECK_FALSE(covers("gpt", "gpt-5"));
  CHECK_FALSE(covers("", "x"));
}
