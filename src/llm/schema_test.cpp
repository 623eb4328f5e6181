#include "llm/schema.h"

#include "llm/llm_test_support.h"

namespace pb::llm {
namespace {

json::Arena arena;

std::string strict(std::string_view schema) {
  auto out = openai_strict_schema(*json::parse(schema, arena), arena);
  return out ? json::to_text(*out) : "open";
}
std::string anthropic(std::string_view schema) {
  return json::to_text(anthropic_strict_schema(*json::parse(schema, arena), arena));
}
std::string tool(std::string_view schema) {
  return json::to_text(tool_schema(*json::parse(schema, arena), arena));
}

}  // namespace

TEST_SUITE("schema") {
  TEST_CASE("a tool's parameters are always an object schema") {
    CHECK(tool("null") == R"({"type":"object","properties":{}})");
    CHECK(tool(R"({"$schema":"x","$id":"y","type":"object","properties":{"a":true}})") ==
          R"({"type":"object","properties":{"a":true}})");
    CHECK(tool(R"({"type":"object"})") == R"({"type":"object","properties":{}})");
    CHECK(tool(R"({"properties":{"a":{}}})") == R"({"type":"object","properties":{"a":{}}})");
    CHECK(tool(R"({"type":"object","properties":null,"required":[]})") ==
          R"({"type":"object","required":[],"properties":{}})");
  }

  TEST_CASE("OpenAI strict: closed, all required, optional ones nullable") {
    CHECK(
        strict(
            R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["b"]})") ==
        R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"integer"}},"required":["a","b"],"additionalProperties":false})");
    CHECK(
        strict(
            R"({"type":"object","properties":{"a":{"enum":["x"],"type":"string"},"b":{"$ref":"#/$defs/n"},"c":{"type":["null","number"]}},"$defs":{"n":{"type":"object","properties":{}}}})") ==
        R"({"type":"object","$defs":{"n":{"type":"object","properties":{},"required":[],"additionalProperties":false}},"properties":{)"
        R"("a":{"enum":["x",null],"type":["string","null"]},"b":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]},"c":{"type":["null","number"]}},)"
        R"("required":["a","b","c"],"additionalProperties":false})");
    std::string once = strict(
        R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"type":"string","format":"uri"}}}}}})");
    CHECK(strict(once) == once);  // already strict schemas stay as they are
  }

  TEST_CASE(
      "OpenAI strict: what it does not know moves to the description, what it cannot say is not strict") {
    CHECK(
        strict(
            R"({"type":"object","properties":{"a":{"type":"string","minLength":2,"format":"uri","description":"d"}},"required":["a"]})") ==
        R"({"type":"object","properties":{"a":{"type":"string","description":"d\n\n{minLength: 2, format: \"uri\"}"}},"required":["a"],"additionalProperties":false})");
    CHECK(
        strict(
            R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"number"}]}},"required":["a"]})") ==
        R"({"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"number"}]}},"required":["a"],"additionalProperties":false})");
    CHECK(strict(R"({"type":"object","additionalProperties":true})") == "open");
    CHECK(
        strict(
            R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}}})") ==
        "open");
    CHECK(strict(R"({"type":"object","properties":{"m":{"type":"object"}}})") == "open");
    CHECK(strict(R"({"type":"object","properties":{"m":true}})") == "open");
    CHECK(strict(R"({"type":"object","properties":{},"not":{"type":"string"}})") == "open");
  }

  TEST_CASE("Anthropic: objects closed, required kept, unknown keywords told") {
    CHECK(
        anthropic(
            R"({"$schema":"s","type":"object","properties":{"a":{"type":"string","format":"uri"},"b":{"type":"integer","minimum":1}},"required":["a"]})") ==
        R"({"type":"object","properties":{"a":{"type":"string","format":"uri"},"b":{"type":"integer","description":"{minimum: 1}"}},)"
        R"("required":["a"],"additionalProperties":false})");
    CHECK(anthropic(R"({"type":"array","minItems":1,"items":{"type":"string"}})") ==
          R"({"type":"array","minItems":1,"items":{"type":"string"}})");
    CHECK(anthropic(R"({"type":"array","minItems":3})") ==
          R"({"type":"array","description":"{minItems: 3}"})");
    CHECK(anthropic(R"({"allOf":[{"type":"object","properties":{}}]})") ==
          R"({"allOf":[{"type":"object","properties":{},"additionalProperties":false}]})");
  }
}

}  // namespace pb::llm
