#include "tools/benchmark/metrics.h"

#include <doctest/doctest.h>

namespace pb::tools::bench {
namespace {

Run ok(const std::string& model, double seconds, double cost, std::int64_t output, double quality) {
  Run r;
  r.model = model;
  r.provider = "p";
  r.latency_us = static_cast<std::int64_t>(seconds * 1e6);
  r.first_token_us = 1000;
  r.input = 10;
  r.output = output;
  r.usage_known = true;
  r.cost = cost;
  r.cost_known = cost >= 0;
  r.quality = quality;
  r.quality_by = "heuristic";
  r.chars = 100;
  return r;
}

Run bad(const std::string& model, const std::string& error) {
  Run r;
  r.model = model;
  r.error = error;
  return r;
}

std::string json_of(const auto& value) {
  std::string out;
  json::Writer w(out);
  write(w, value);
  return out;
}

}  // namespace

TEST_SUITE("benchmark metrics") {
  TEST_CASE("runs sum up by model; failures are counted by reason and not measured") {
    const std::vector<Run> runs = {ok("a", 1, 0.01, 100, 0.8), ok("b", 4, 0.02, 100, 0.6),
                                   ok("a", 3, 0.03, 300, 0.6), bad("a", "timeout"), bad("a", "timeout")};
    const auto m = sum_up(runs);
    REQUIRE(m.size() == 2);
    CHECK(m[0].model == "a");
    CHECK(m[0].runs == 4);
    CHECK(m[0].succeeded == 2);
    CHECK(m[0].success_rate() == doctest::Approx(0.5));
    CHECK(m[0].success->low == doctest::Approx(0.15).epsilon(0.01));
    CHECK(m[0].errors.at("timeout") == 2);
    CHECK(m[0].response_ms.mean == doctest::Approx(2000));
    CHECK(m[0].response_ms.p95 == doctest::Approx(3000));
    CHECK(m[0].throughput.mean == doctest::Approx(100));
    CHECK(m[0].cost.sum == doctest::Approx(0.04));
    CHECK(m[0].quality.mean == doctest::Approx(0.7));
    CHECK(m[0].quality_by == "heuristic");
    CHECK(m[1].response_ms.n == 1);
    CHECK_FALSE(m[1].response_ms.interval);
    const std::string one = json_of(m[1]);
    CHECK(one.contains("\"response_ms\":{\"n\":1,"));
    CHECK_FALSE(one.contains("\"std\""));
  }

  TEST_CASE("an answer from the cache is a success and no measure of speed or cost") {
    Run cached = ok("a", 0.001, 0, 100, 0.5);
    cached.cache = "hit";
    const auto m = sum_up(std::vector<Run>{ok("a", 1, 0.01, 100, 0.5), cached});
    CHECK(m[0].succeeded == 2);
    CHECK(m[0].cached == 1);
    CHECK(m[0].response_ms.n == 1);
    CHECK(m[0].cost.n == 1);
    CHECK(m[0].quality.n == 2);
  }

  TEST_CASE("ranks: equal values share one, what is not known has none") {
    const std::vector<Run> runs = {ok("slow", 4, 0.01, 100, 0.5), ok("fast", 1, -1, 100, 0.5),
                                   ok("fast", 1.1, -1, 100, 0.5), ok("slow", 4.1, 0.01, 100, 0.5),
                                   bad("dead", "not_found")};
    const auto metrics = sum_up(runs);
    const Scores scores = score(runs, {});
    const auto rankings = rank(metrics, scores);
    const Ranking& speed = ranking_of(rankings, Metric::speed);
    REQUIRE(speed.models.size() == 2);
    CHECK(speed.models[0].model == "fast");
    CHECK(speed.models[1].rank == 2);
    CHECK(speed.models[1].clear);
    CHECK(speed.unranked == std::vector<std::string>{"dead"});
    const Ranking& cost = ranking_of(rankings, Metric::cost);
    CHECK(cost.unranked == std::vector<std::string>{"fast", "dead"});
    const Ranking& quality = ranking_of(rankings, Metric::quality);
    CHECK(quality.models[0].rank == 1);
    CHECK(quality.models[1].rank == 1);
    const Ranking& reliability = ranking_of(rankings, Metric::reliability);
    CHECK(reliability.models.back().model == "dead");
    CHECK(reliability.models.back().value == 0);
    // The price of one is not known: cost has no part in the overall score of any.
    CHECK(scores.left_out == std::vector<std::string>{"cost"});
    CHECK(scores.weights.cost == 0);
    CHECK(scores.weights.speed + scores.weights.quality + scores.weights.throughput == doctest::Approx(1));
    const Ranking& overall = ranking_of(rankings, Metric::overall);
    CHECK(overall.models[0].model == "fast");
    CHECK(overall.models.back().model == "dead");
    CHECK(overall.models.back().value == 0);
  }

  TEST_CASE("scores are relative to the middle of what is compared; failures pull them down") {
    const std::vector<Run> runs = {ok("a", 2, 0.02, 200, 1), ok("b", 2, 0.02, 200, 1), bad("b", "timeout")};
    const Scores s = score(runs, *normalised({1, 1, 0, 2}));
    CHECK(*s.models[0].speed == doctest::Approx(0.5));
    CHECK(*s.models[0].cost == doctest::Approx(0.5));
    CHECK(*s.models[0].throughput == doctest::Approx(0.5));
    CHECK(s.models[0].overall == doctest::Approx(0.5));
    CHECK(s.models[1].overall == doctest::Approx(0.25));
    CHECK_FALSE(s.models[0].interval);  // one run
    REQUIRE(s.models[1].interval);
    CHECK(s.models[1].interval->low == 0);  // a score is never below 0
    CHECK(s.left_out.empty());
  }

  TEST_CASE("what costs nothing scores best, also where nothing costs anything") {
    const std::vector<Run> free = {ok("a", 1, 0, 10, 0.5), ok("b", 1, 0, 10, 0.5)};
    CHECK(*score(free, {}).models[0].cost == 1);
    const std::vector<Run> mixed = {ok("a", 1, 0, 10, 0.5), ok("b", 1, 0, 10, 0.5), ok("c", 1, 1, 10, 0.5)};
    CHECK(*score(mixed, {}).models[2].cost == 0);
  }

  TEST_CASE("weights are made to add up to 1; nonsense is refused") {
    const auto w = normalised({2, 3, 4, 1});
    REQUIRE(w);
    CHECK(w->speed == doctest::Approx(0.2));
    CHECK(w->quality == doctest::Approx(0.4));
    CHECK_FALSE(normalised({0, 0, 0, 0}));
    CHECK_FALSE(normalised({-1, 1, 1, 1}));
  }

  TEST_CASE("every metric has a name that leads back to it") {
    for (const Metric m : kMetrics) CHECK(metric_of(name_of(m)) == m);
    CHECK_FALSE(metric_of("beauty"));
    json::Arena arena;
    CHECK(json::parse(kMetricsSchema, arena));
    CHECK(json::parse(kRankingSchema, arena));
  }
}

}  // namespace pb::tools::bench
