#include "tools/panel/json_reply.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

namespace {

const Shape& shape() {
  static const Shape kShape("scored", R"({"type":"object","properties":{
    "score":{"type":"number","minimum":0,"maximum":1},"note":{"type":"string"}},"required":["score"],"additionalProperties":false})");
  return kShape;
}
std::string read(std::string_view text) { return read_reply(text, shape()).value_or("none"); }
std::string fault(std::string_view text) {
  const auto reply = read_reply(text, shape());
  return reply ? "none" : reply.error().message;
}

}  // namespace

TEST_SUITE("panel json replies") {
  TEST_CASE("alone, fenced, among words") {
    CHECK(read(R"({"score":0.5})") == R"({"score":0.5})");
    CHECK(read("```json\n{ \"score\": 1 }\n```") == R"({"score":1})");
    CHECK(read("I think {so}: {\"score\": 0.25} as asked.") == R"({"score":0.25})");
    CHECK(read("<think>maybe {\"score\": 5}</think>\n{\"score\":0.5}") == R"({"score":0.5})");
    CHECK(read(R"(Here: {"score":0.5,"note":"a } in \" a { string"} done)") ==
          R"({"score":0.5,"note":"a } in \" a { string"})");
  }

  TEST_CASE("small mistakes are put right") {
    CHECK(read("{\"score\": 0.5,}") == R"({"score":0.5})");
    CHECK(read("{\"score\": 0.5, \"note\": \"two\nlines\"}") == R"({"score":0.5,"note":"two\nlines"})");
    CHECK(repaired("[True, False, None, \"True\", Nonet]") == "[true, false, null, \"True\", Nonet]");
    CHECK(repaired(R"({"a":[1,2, ], })") == R"({"a":[1,2 ] })");
    CHECK(repaired(R"(["a,]", "b\",}"])") == R"(["a,]", "b\",}"])");
  }

  TEST_CASE("what does not fit is told, not made up") {
    CHECK(fault("I cannot do that.") == "the reply has no JSON object in it");
    CHECK(fault("") == "the reply has no JSON object in it");
    CHECK(fault(R"({"score":85})") == "the reply does not fit: `score` must be at most 1, got 85");
    CHECK(fault(R"({"note":"x"})").contains("score"));
    CHECK(fault(R"({"score":0.5,"extra":1})").contains("extra"));
    CHECK(fault(R"({"score":0.)").starts_with("the reply is no JSON: "));
    CHECK(fault(R"({"score": 0.5, "note": "cut o)").starts_with("the reply is no JSON: "));
    CHECK(fault(std::string(100'000, '{')).starts_with("the reply is no JSON: "));
  }

  TEST_CASE("what else must hold") {
    const Shape even(
        "even", R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})",
        [](json::Value v) { return std::string(v["n"].as_int() % 2 == 0 ? "" : "`n` must be even"); });
    CHECK(read_reply(R"({"n":4})", even).value() == R"({"n":4})");
    CHECK(read_reply(R"({"n":3})", even).error().message == "the reply does not fit: `n` must be even");
    CHECK(read_reply(R"({"n":3} no, {"n":6})", even).value() == R"({"n":6})");
  }

  TEST_CASE("how it is asked for") {
    json::Arena arena;
    const std::string more = shape().more();
    const auto value = json::parse(more, arena);
    REQUIRE(value);
    const json::Value schema = (*value)["response_format"]["json_schema"];
    CHECK(schema["name"].as_string() == "scored");
    CHECK(schema["schema"]["required"].at(0).as_string() == "score");
    CHECK(shape().instructions().contains(R"("maximum":1)"));
  }
}
