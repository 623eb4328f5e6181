// How long a value's validation takes, for tools as MCP servers declare them. Prints nanoseconds.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/schema/schema.h"
#include "timing.h"

using namespace pb;

namespace {

struct Case {
  const char* name;
  std::string_view schema, value;
};

constexpr std::string_view kSearch =
    R"({"type":"object","properties":{"query":{"type":"string","minLength":1,"maxLength":2000,
  "description":"What to look for."},"limit":{"type":"integer","minimum":1,"maximum":100,"default":10},"sort":{"type":"string",
  "enum":["relevance","newest","oldest"]},"tags":{"type":"array","items":{"type":"string","maxLength":64},"maxItems":20},
  "filter":{"type":"object","properties":{"since":{"type":"string","format":"date-time"},"author":{"type":["string","null"]}},
  "additionalProperties":false},"cursor":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["query"],"additionalProperties":false})";
constexpr std::string_view kSearchValue = R"({"query":"how does the cache work","limit":25,"sort":"newest",
  "tags":["docs","cache","c++"],"filter":{"since":"2026-11-21T12:00:00Z","author":null},"cursor":null})";

constexpr Case kCases[] = {
    {"search: 6 members", kSearch, kSearchValue},
    {"search, wrong", kSearch, R"({"query":"how does the cache work","limit":250})"},
    {"patterns",
     R"({"properties":{"id":{"pattern":"^[a-z0-9_-]{1,64}$"},"branch":{"pattern":"^(?!.*\\.\\.)[^ ~^:]+$"}},"required":["id"]})",
     R"({"id":"a-typical-identifier_42","branch":"feature/json-schema"})"},
    {"unevaluated",
     R"({"allOf":[{"$ref":"#/$defs/base"}],"properties":{"c":{"type":"integer"}},"unevaluatedProperties":false,
       "$defs":{"base":{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]}}})",
     R"({"a":"x","b":"y","c":1})"},
    {"one of 3 kinds",
     R"({"items":{"oneOf":[{"properties":{"op":{"const":"add"},"value":{}},"required":["op","value"]},
       {"properties":{"op":{"const":"remove"}},"required":["op","path"]},{"properties":{"op":{"const":"move"},"from":{"type":"string"}},"required":["op","from"]}]}})",
     R"([{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"},{"op":"move","path":"/c","from":"/d"}])"},
};

}  // namespace

int main() {
  for (const Case& c : kCases) {
    json::Arena arena;
    const auto value = json::parse(c.value, arena);
    const auto schema = schema::Schema::compile(c.schema, {.assert_formats = true});
    if (!value || !schema) {
      std::printf("%s: %s\n", c.name, (value ? schema.error().message : value.error().message).c_str());
      return 1;
    }
    const double parse = nanoseconds(20'000, [&] {
      json::Arena fresh;
      (void)json::parse(c.value, fresh);
    });
    bool fits = false;
    const double validate = nanoseconds(50'000, [&] { fits = schema->fits(*value); });
    const double compile = nanoseconds(
        500, [&] { (void)schema::Schema::compile(schema->document(), {.assert_formats = true}); });
    const double faults = nanoseconds(5'000, [&] { (void)schema->faults(*value); });
    std::printf("%-18s fits: %-3s %7.0f ns   with faults %7.0f ns   parse %7.0f ns   compile %8.0f ns\n",
                c.name, fits ? "yes" : "no", validate, faults, parse, compile);
  }
}
