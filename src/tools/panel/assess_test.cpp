#include "tools/panel/assess.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

TEST_SUITE("panel assessment") {
  TEST_CASE("every requirement is judged once") {
    const auto fault = [](std::string_view requirements) {
      const auto r = read_reply(
          R"({"score":0.5,"problems":[],"improvements":[],"requirements":)" + std::string(requirements) + "}",
          assessment_shape(2));
      return r ? "" : r.error().message;
    };
    CHECK(fault(R"([{"number":2,"met":true,"why":""},{"number":1,"met":false,"why":"slow"}])").empty());
    CHECK(fault(R"([{"number":2,"met":true,"why":""}])").contains("1 is there 0 times"));
    CHECK(fault(R"([{"number":3,"met":true,"why":""},{"number":1,"met":false,"why":""}])")
              .contains("at most 2"));
    CHECK(
        read_reply(R"({"score":1,"problems":[],"improvements":[],"requirements":[]})", assessment_shape(0)));
    CHECK_FALSE(
        read_reply(R"({"score":7,"problems":[],"improvements":[],"requirements":[]})", assessment_shape(0)));
  }

  TEST_CASE("it is read in the order of the requirements") {
    json::Arena arena;
    const auto reply = json::parse(
        R"({"score":0.5,"problems":["p"],"improvements":["i"],"requirements":[{"number":2,"met":true,"why":"b"},{"number":1,"met":false,"why":"a"}]})",
        arena);
    const Assessment a = read_assessment(*reply, 2);
    CHECK(a.score == 0.5);
    CHECK(a.problems == std::vector<std::string>{"p"});
    CHECK_FALSE(a.requirements[0].met);
    CHECK(a.requirements[0].why == "a");
    CHECK(a.requirements[1].met);
  }

  TEST_CASE("requirements are sentences") {
    json::Arena arena;
    const auto object = json::parse(R"({"speed":"fast","users":1000,"tags":["a"]})", arena);
    CHECK(sentences_of(*object) == std::vector<std::string>{"speed: fast", "users: 1000", R"(tags: ["a"])"});
    const std::string prompt = assessment_prompt("P", "S", sentences_of(*object));
    CHECK(prompt.contains("<requirement number=\"2\">users: 1000"));
    CHECK(prompt.contains("<solution>\nS\n"));
  }
}
