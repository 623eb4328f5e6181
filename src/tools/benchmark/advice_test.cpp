#include "tools/benchmark/advice.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace pb::tools::bench {
namespace {

Run run(const std::string& model, double seconds, double cost, double quality) {
  Run r;
  r.model = model;
  r.latency_us = static_cast<std::int64_t>(seconds * 1e6);
  r.output = 100;
  r.usage_known = r.cost_known = true;
  r.cost = cost;
  r.quality = quality;
  r.quality_by = "judge";
  return r;
}

std::vector<Recommendation> of(const std::vector<Run>& runs) {
  const auto metrics = sum_up(runs);
  return recommend(metrics, rank(metrics, score(runs, {})));
}

const Recommendation& typed(const std::vector<Recommendation>& all, std::string_view type) {
  const auto it = std::ranges::find(all, type, &Recommendation::type);
  REQUIRE(it != all.end());
  return *it;
}

}  // namespace

TEST_SUITE("benchmark advice") {
  TEST_CASE("the first of each ranking, with how sure that is") {
    const auto all =
        of({run("quick", 1, 0.010, 0.5), run("quick", 1.01, 0.010, 0.6), run("quick", 1.02, 0.010, 0.5),
            run("good", 5, 0.020, 0.9), run("good", 5.01, 0.020, 0.4), run("good", 5.02, 0.020, 0.8)});
    CHECK(typed(all, "fastest").model == "quick");
    CHECK(typed(all, "fastest").reason.ends_with("the intervals do not overlap"));
    CHECK(typed(all, "best_quality").model == "good");
    CHECK(typed(all, "best_quality").reason.contains("may be chance"));
    CHECK(typed(all, "most_reliable").reason.ends_with("they are even"));
    CHECK(typed(all, "best_value").model == "quick");
  }

  TEST_CASE("one run each: nothing is claimed; what never answered is not recommended") {
    Run dead;
    dead.model = "dead";
    dead.error = "timeout";
    const auto all = of({run("a", 1, 0.1, 0.5), run("b", 2, 0.1, 0.5), dead});
    CHECK(typed(all, "fastest").reason.ends_with("too few runs to tell whether that is chance"));
    CHECK(std::ranges::none_of(all, [](const Recommendation& r) { return r.model == "dead"; }));
    CHECK(of({dead}).empty());
    CHECK(typed(of({run("a", 1, 0.1, 0.5)}), "fastest").reason.ends_with("nothing to compare it with"));
  }

  TEST_CASE("the analysis has quality for money and the distribution over models") {
    const auto metrics = sum_up(std::vector<Run>{run("a", 1, 0.1, 0.5), run("b", 3, 0, 0.5)});
    std::string text;
    json::Writer w(text);
    write_analysis(w, metrics, true);
    json::Arena arena;
    const auto root = json::parse(text, arena);
    REQUIRE(root);
    CHECK((*root)["cost_efficiency"].at(0)["quality_per_dollar"].as_double() == doctest::Approx(5));
    CHECK_FALSE((*root)["cost_efficiency"].at(1).has("quality_per_dollar"));  // it costs nothing
    CHECK((*root)["performance_distribution"]["response_ms"]["avg"].as_double() == doctest::Approx(2000));
    CHECK(json::parse(kAnalysisSchema, arena));
    CHECK(json::parse(kRecommendationsSchema, arena));
  }
}

}  // namespace pb::tools::bench
