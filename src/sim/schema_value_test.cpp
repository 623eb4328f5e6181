#include "sim/schema_value.h"

#include <doctest/doctest.h>

using namespace pb;

namespace {

std::string made(std::string_view schema, int variant = 0) {
  json::Arena arena;
  const auto value = json::parse(schema, arena);
  REQUIRE(value);
  return json::to_text(sim::value_for_schema(*value, variant, arena));
}

}  // namespace

TEST_SUITE_BEGIN("sim/schema_value");

TEST_CASE("properties of every type") {
  CHECK(
      made(
          R"({"type":"object","properties":{"s":{"type":"string"},"i":{"type":"integer"},"n":{"type":"number"},
                 "b":{"type":"boolean"},"z":{"type":"null"},"a":{"type":"array","items":{"type":"integer"}}}})") ==
      R"({"s":"Paris","i":1,"n":0.5,"b":true,"z":null,"a":[1]})");
}

TEST_CASE("variants differ") {
  constexpr std::string_view schema = R"({"properties":{"city":{"type":"string"}}})";
  CHECK(made(schema, 0) == R"({"city":"Paris"})");
  CHECK(made(schema, 1) == R"({"city":"Oslo"})");
}

TEST_CASE("fixed values come before made up ones") {
  CHECK(made(R"({"const":7})") == "7");
  CHECK(made(R"({"enum":["a","b"]})", 1) == R"("b")");
  CHECK(made(R"({"type":"string","default":"d"})") == R"("d")");
  CHECK(made(R"({"type":"string","examples":["e"]})") == R"("e")");
}

TEST_CASE("bounds and lengths are kept") {
  CHECK(made(R"({"type":"integer","minimum":10})") == "10");
  CHECK(made(R"({"type":"integer","exclusiveMinimum":10})") == "11");
  CHECK(made(R"({"type":"integer","maximum":-3})") == "-3");
  CHECK(made(R"({"type":"integer","minimum":5,"multipleOf":4})") == "8");
  CHECK(made(R"({"type":"string","minLength":8})") == R"("Parisxxx")");
  CHECK(made(R"({"type":"string","maxLength":2})") == R"("Pa")");
  CHECK(made(R"({"type":"array","items":{"type":"integer"},"minItems":3})") == "[1,2,3]");
}

TEST_CASE("nullable, alternatives, references and merged parts") {
  CHECK(made(R"({"type":["null","string"]})") == R"("Paris")");
  CHECK(made(R"({"anyOf":[{"type":"null"},{"type":"integer"}]})") == "1");
  CHECK(made(R"({"$ref":"#/$defs/x","$defs":{"x":{"type":"integer"}}})") == "1");
  CHECK(
      made(
          R"({"allOf":[{"properties":{"a":{"type":"integer"}}},{"properties":{"b":{"type":"integer"}}}]})") ==
      R"({"a":1,"b":1})");
}

TEST_CASE("a schema that refers to itself ends") {
  const std::string tree =
      made(R"({"type":"object","properties":{"left":{"$ref":"#"},"value":{"type":"integer"}}})");
  CHECK(tree.size() < 400);
  CHECK(made(R"({"$ref":"#"})") == "{}");
  CHECK(made(R"({"type":"object","required":["x"],"properties":{"x":{"$ref":"#"}}})").size() < 400);
  CHECK(made(R"({"anyOf":[{"$ref":"#"}]})").size() < 400);
  CHECK(made(R"({"allOf":[{"$ref":"#"}]})").size() < 400);
}

TEST_CASE("no schema gives an empty object") {
  json::Arena arena;
  CHECK(json::to_text(sim::value_for_schema({}, 0, arena)) == "{}");
  CHECK(made("true") == "{}");
}

TEST_SUITE_END();
