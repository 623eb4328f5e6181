#include "tools/panel/solving.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

TEST_SUITE("panel solving") {
  TEST_CASE("the way is chosen by how hard the problem looks") {
    std::string why;
    CHECK(way_for({route::Kind::chat, 0.1}, 3, why) == Way::iterative);
    CHECK(why.contains("easy"));
    CHECK(way_for({route::Kind::code, 0.5}, 3, why) == Way::parallel);
    CHECK(way_for({route::Kind::maths, 0.9}, 3, why) == Way::hierarchical);
    CHECK(why.contains("hard"));
    CHECK(way_for({route::Kind::maths, 0.9}, 1, why) == Way::iterative);
  }

  TEST_CASE("models are told the requirements, reviewers judge by them") {
    json::Arena arena;
    const auto r = json::parse(R"({"users":1000})", arena), c = json::parse(R"({"budget":"none"})", arena);
    const Problem p = problem_of("Build it", *r, *c);
    CHECK(p.text == "Build it\n\nRequirements:\n- users: 1000\n\nConstraints:\n- budget: none");
    CHECK(p.requirements == std::vector<std::string>{"users: 1000", "budget: none"});
    CHECK(problem_of("Build it", {}, {}).text == "Build it");
  }

  TEST_CASE("a revision is told what the reviewers said") {
    const Problem p{"P", {"small", "fast"}};
    Opinions opinions;
    opinions.told.push_back({"m", {0.4, {"it leaks"}, {"close it"}, {{true, ""}, {false, "it sleeps"}}}});
    opinions.told.push_back({"n", {1, {}, {}, {{true, ""}, {true, ""}}}});
    const std::string prompt = revise_prompt(p, "S", opinions);
    CHECK(prompt.contains("- Problem: it leaks\n- To do: close it\n- Not met: fast (it sleeps)"));
    CHECK_FALSE(prompt.contains("small ("));
    CHECK(prompt.find("<review>") == prompt.rfind("<review>"));
    CHECK(opinions.mean() == doctest::Approx(0.7));
    CHECK(Opinions().mean() == -1);
    const std::vector<Solution> two = {{"a", "proposal", "first"}, {"b", "proposal", "second"}};
    CHECK(merge_prompt(p, two).contains("<proposal>\nsecond"));
    CHECK(improve_prompt(p, "S").contains("<solution>\nS\n"));
  }
}
