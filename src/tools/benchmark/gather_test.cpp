#include "tools/benchmark/gather.h"

#include <doctest/doctest.h>

namespace pb::tools::bench {
namespace {

Run run(const std::string& model, const std::string& benchmark, const std::string& by) {
  Run r;
  r.model = model;
  r.benchmark = benchmark;
  r.quality_by = by;
  return r;
}

}  // namespace

TEST_SUITE("benchmark comparisons") {
  TEST_CASE("what makes runs hard to compare is told") {
    CHECK(doubts({}).empty());
    CHECK(doubts(std::vector<Run>{run("a", "1", "judge"), run("b", "1", "judge")}).empty());
    const auto apart = doubts(std::vector<Run>{run("a", "1", "judge"), run("b", "2", "judge")});
    REQUIRE(apart.size() == 1);
    CHECK(apart[0].contains("not measured in the same benchmarks"));
    const auto mixed = doubts(std::vector<Run>{run("a", "1", "judge"), run("b", "1", "heuristic")});
    REQUIRE(mixed.size() == 1);
    CHECK(mixed[0].contains("do not compare well"));
    Run failed = run("b", "1", "");
    failed.error = "timeout";
    CHECK(doubts(std::vector<Run>{run("a", "1", "judge"), failed}).empty());
  }

  TEST_CASE("what is measured now by default depends on whether models are named") {
    json::Arena arena;
    const auto none = read_wanted(*json::parse("{}", arena));
    REQUIRE(none);
    CHECK(none->measure == Measure::never);
    CHECK(none->days_back == 30);
    const auto some = read_wanted(*json::parse(R"({"models":["a"],"benchmark":"b"})", arena));
    REQUIRE(some);
    CHECK(some->models == std::vector<std::string>{"a"});
    CHECK(some->benchmark == "b");
    CHECK(some->measure == Measure::missing);
    const auto all = read_wanted(*json::parse(R"({"models":["a"],"measure":"always","days_back":7})", arena));
    REQUIRE(all);
    CHECK(all->measure == Measure::always);
    CHECK(all->days_back == 7);
    const auto twice = read_wanted(*json::parse(R"({"models":["a","a"]})", arena));
    REQUIRE_FALSE(twice);
    CHECK(twice.error().message == "models[1] is the same as models[0]");
  }
}

}  // namespace pb::tools::bench
