#include "tools/panel/judge.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

TEST_SUITE("panel judge") {
  TEST_CASE("every answer is in one group") {
    const Shape shape = groups_shape(3);
    const auto fault = [&](std::string_view groups) {
      const auto r = read_reply(R"({"reason":"x","groups":)" + std::string(groups) + "}", shape);
      return r ? std::string() : r.error().message;
    };
    CHECK(fault("[[1,3],[2]]").empty());
    CHECK(fault("[[1,3]]").contains("answer 2 is there 0 times"));
    CHECK(fault("[[1,3],[2,3]]").contains("answer 3 is there 2 times"));
    CHECK(fault("[[1,2,4],[3]]").contains("at most 3"));
    CHECK_FALSE(fault("[]").empty());
  }

  TEST_CASE("groups become likeness") {
    json::Arena arena;
    const auto groups = read_groups(*json::parse(R"({"groups":[[2],[3,1]]})", arena));
    CHECK(groups == std::vector<std::vector<std::size_t>>{{0, 2}, {1}});
    const Matrix m = matrix_of(groups, 3);
    CHECK(m.at(0, 2).value == 1);
    CHECK(m.at(2, 1).value == 0);
    CHECK(m.at(0, 1).measure == Measure::judge);
  }

  TEST_CASE("the judge sees the question and all answers") {
    const std::vector<Said> answers = {{"Paris it is", "Paris", {}}, {"London", "", {}}};
    const std::string prompt = judge_prompt("Where?", answers);
    CHECK(prompt.contains("Where?"));
    CHECK(prompt.contains("<answer number=\"2\">\nLondon"));
    CHECK(prompt.contains("In short: Paris"));
  }
}
