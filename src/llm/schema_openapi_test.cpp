#include "llm/schema_openapi.h"

#include <doctest/doctest.h>

#include <string>

using namespace pb;
using namespace pb::llm;

namespace {

std::string to(std::string_view schema, bool ordered = false) {
  json::Arena arena;
  auto v = json::parse(schema, arena);
  REQUIRE(v);
  return json::canonical_text(openapi_schema(*v, arena, ordered));
}

std::string back(std::string_view schema) {
  json::Arena arena;
  auto v = json::parse(schema, arena);
  REQUIRE(v);
  return json::to_text(json_schema_of_openapi(*v, arena));
}

}  // namespace

TEST_SUITE("schema") {
  TEST_CASE("JSON Schema in OpenAPI's words") {
    CHECK(to(R"({"type":["string","null"],"minLength":1})") ==
          R"({"minLength":1,"nullable":true,"type":"STRING"})");
    CHECK(to(R"({"const":"a"})") == R"({"enum":["a"],"format":"enum","type":"STRING"})");
    CHECK(to(R"({"enum":[1,2,null]})") ==
          R"({"enum":["1","2"],"format":"enum","nullable":true,"type":"INTEGER"})");
    CHECK(to(R"({"type":"boolean","const":true})") == R"({"description":"{const: true}","type":"BOOLEAN"})");
    CHECK(to(R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10})") ==
          R"({"maximum":9,"minimum":1,"type":"INTEGER"})");
    CHECK(to(R"({"type":"number","exclusiveMinimum":0})") ==
          R"({"description":"{exclusiveMinimum: 0}","minimum":0,"type":"NUMBER"})");
    CHECK(to(R"({"type":"string","format":"uri","description":"d"})") ==
          R"({"description":"d\n\n{format: \"uri\"}","type":"STRING"})");
    CHECK(to(R"({"type":"string","format":"date-time"})") == R"({"format":"date-time","type":"STRING"})");
    CHECK(to(R"({"type":"array"})") ==
          R"({"items":{"description":"any value","type":"STRING"},"type":"ARRAY"})");
    CHECK(to(R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]})") ==
          R"({"items":{"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]},"type":"ARRAY"})");
    CHECK(to(R"({"type":["string","integer"]})") == R"({"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]})");
    CHECK(to("true") == R"({"description":"any value","type":"STRING"})");
  }

  TEST_CASE("unions") {
    CHECK(to(R"({"anyOf":[{"type":"null"},{"type":"string"}],"description":"d"})") ==
          R"({"description":"d","nullable":true,"type":"STRING"})");
    CHECK(to(R"({"oneOf":[{"type":"integer"},{"type":"string"}]})") ==
          R"({"anyOf":[{"type":"INTEGER"},{"type":"STRING"}]})");
    CHECK(
        to(R"({"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]})") ==
        R"({"properties":{"a":{"type":"STRING"},"b":{"type":"STRING"}},"required":["b","a"],"type":"OBJECT"})");
  }

  TEST_CASE("objects") {
    CHECK(
        to(R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"string"}},"required":["a","gone"],"additionalProperties":false})",
           true) ==
        R"({"properties":{"a":{"type":"STRING"},"b":{"type":"STRING"}},"propertyOrdering":["b","a"],"required":["a"],"type":"OBJECT"})");
    CHECK(to(R"({"type":"object","additionalProperties":{"type":"integer"}})") ==
          R"({"description":"{additionalProperties: {\"type\":\"integer\"}}","type":"OBJECT"})");
  }

  TEST_CASE("references, also those that lead back to themselves") {
    CHECK(
        to(R"({"type":"object","properties":{"p":{"$ref":"#/$defs/P","description":"mine"}},"$defs":{"P":{"type":"string","description":"theirs"}}})") ==
        R"({"properties":{"p":{"description":"mine","type":"STRING"}},"type":"OBJECT"})");
    const std::string tree = to(
        R"({"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"v":{"type":"string"},"next":{"$ref":"#/$defs/N"}}}}})");
    CHECK(tree.contains("recursive reference"));
    CHECK(tree.size() < 300);
    CHECK(to(R"({"$ref":"#/$defs/A","$defs":{"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}}})")
              .contains("recursive"));
    CHECK(to(R"({"$ref":"#/nowhere"})") == R"({"type":"STRING"})");
    CHECK(to(R"({"type":"array","items":{"$ref":"#/$defs/a~1b"},"$defs":{"a/b":{"type":"integer"}}})") ==
          R"({"items":{"type":"INTEGER"},"type":"ARRAY"})");
  }

  TEST_CASE("schemas that would grow without end are cut") {
    // Each level names the next one twice: 2^30 schemas when written out.
    std::string defs;
    for (int i = 0; i < 30; ++i)
      defs += "\"d" + std::to_string(i) +
              "\":{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/d" + std::to_string(i + 1) +
              "\"},\"b\":{\"$ref\":\"#/$defs/d" + std::to_string(i + 1) + "\"}}},";
    const std::string out =
        to("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + defs + "\"d30\":{\"type\":\"string\"}}}");
    CHECK(out.size() < 2'000'000);
    CHECK(out.contains("nested too deeply"));
  }

  TEST_CASE("and back") {
    CHECK(
        back(
            R"({"type":"OBJECT","properties":{"b":{"type":"STRING","nullable":true},"a":{"type":"INTEGER","enum":["1","2"],"format":"enum"}},"required":["a"],"propertyOrdering":["a","b"]})") ==
        R"({"type":"object","properties":{"a":{"type":"integer","enum":[1,2]},"b":{"type":["string","null"]}},"required":["a"]})");
    CHECK(back(R"({"type":"ARRAY","items":{"type":"NUMBER"},"min_items":"1","maxItems":"3"})") ==
          R"({"type":"array","items":{"type":"number"},"minItems":1,"maxItems":3})");
    CHECK(back(R"({"any_of":[{"type":"STRING"},{"type":"INTEGER"}],"nullable":true})") ==
          R"({"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]})");
    CHECK(back(R"({"type":"INTĸ"})") == R"({"type":"intĸ"})");
    // JSON Schema stays as it is, also where properties have the names of keywords.
    const char* plain =
        R"({"type":"object","properties":{"type":{"type":"string","enum":["OBJECT"]},"nullable":{"type":"boolean"}},"default":{"type":"OBJECT"}})";
    CHECK(back(plain) == plain);
  }
}
