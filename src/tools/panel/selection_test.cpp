#include "tools/panel/selection.h"

#include <doctest/doctest.h>

#include "route/testing.h"

using namespace pb;
using namespace pb::tools::panel;
using route::testing::Bed;

namespace {

// A good dear model, a middling one, a cheap weak one; two providers.
struct Three : Bed {
  Three() : Bed(route::Strategy::smart, 3) {
    name(0, "claude-opus-4-8", 5, 25);
    name(1, "gpt-5.4-mini", 0.75, 4.5);
    name(2, "llama-3.3-70b", 0.1, 0.2);
  }
  void name(std::size_t i, const char* model, double input, double output) {
    deployment(i).model = model;
    slots[i].price = llm::ModelPrice{.input = input, .output = output};
  }
  void measured(std::size_t i, double first_ms, double success) {
    live(i).first_token_ms.add(first_ms, now_ms);
    live(i).tokens_per_second.add(100, now_ms);
    live(i).success.add(success, now_ms);
  }
  Selection chosen(const Wishes& wishes, std::string_view words = "Why is this so?") {
    return select(slots, providers, {words}, wishes, now_ms);
  }
  std::size_t first(const Wishes& wishes) {
    const Selection s = chosen(wishes);
    return s.choices.empty() ? 9 : s.choices.front().slot;
  }
  std::vector<std::string> providers = {"a", "b", "b"};
};

constexpr std::string_view kHard =
    "Prove this theorem rigorous and carefully, and analyse the complexity of the algorithm";

}  // namespace

TEST_SUITE("panel selection") {
  TEST_CASE("each aim has its own winner") {
    Three bed;
    CHECK(bed.first({.aim = Aim::quality_optimized}) == 0);
    CHECK(bed.first({.aim = Aim::cost_optimized}) == 2);
    bed.measured(0, 4'000, 1);
    bed.measured(1, 100, 1);
    bed.measured(2, 2'000, 0.2);
    CHECK(bed.first({.aim = Aim::speed_optimized}) == 1);
    CHECK(bed.first({.aim = Aim::performance_based}) == 1);
    bed.live(0).in_flight = 5;
    bed.live(1).in_flight = 9;
    bed.live(2).success.add(1, bed.now_ms + 600'000);
    CHECK(bed.first({.aim = Aim::load_balanced}) == 2);
  }

  TEST_CASE("the smart strategy's own view") {
    Three bed;
    CHECK(bed.chosen({}, kHard).choices.front().slot == 0);
    CHECK(bed.chosen({}, "Hello, thanks!").choices.front().slot == 2);
    CHECK(bed.chosen({}, kHard).task.kind == route::Kind::maths);
  }

  TEST_CASE("constraints are hard, and who is left out is told why") {
    Three bed;
    Selection s = bed.chosen({.dollars_max = 0.003}, kHard);
    CHECK(s.choices.size() == 2);
    REQUIRE(s.left_out.size() == 1);
    CHECK(s.left_out[0].slot == 0);
    CHECK(s.left_out[0].why.contains("above `constraints.max_cost`"));
    bed.slots[2].price.reset();
    s = bed.chosen({.dollars_max = 0.003}, kHard);
    CHECK(s.choices.size() == 1);
    CHECK(s.left_out.back().why.contains("price is not known"));
    CHECK(bed.chosen({.dollars_max = 1e-9}).choices.empty());
    CHECK(bed.chosen({.latency_ms_max = 5'000}).choices.empty());  // nothing was measured
    bed.measured(1, 500, 1);
    CHECK(bed.first({.latency_ms_max = 5'000}) == 1);
    bed.slots[0].context = 1'000;
    s = bed.chosen({.context_least = 2'000});
    CHECK(s.left_out.back().why.contains("min_context"));
    bed.live(1).unhealthy = true;
    CHECK(bed.chosen({}).left_out.front().why.starts_with("unhealthy"));
  }

  TEST_CASE("a preferred provider goes first where it passes") {
    Three bed;
    CHECK(bed.first({.aim = Aim::cost_optimized, .preferred_provider = "a"}) == 0);
    CHECK(bed.chosen({.aim = Aim::cost_optimized, .preferred_provider = "a"})
              .why.contains("another would have been first"));
    CHECK(bed.first({.dollars_max = 0.003, .preferred_provider = "a"}) != 0);
    CHECK(bed.chosen({.dollars_max = 0.003, .preferred_provider = "a"})
              .why.contains("no model of the preferred provider passes"));
  }

  TEST_CASE("scores that are required") {
    Three bed;
    CHECK(bed.first({.aim = Aim::cost_optimized, .quality = 0.85}) == 0);
    const Selection s = bed.chosen({.quality = 0.999});
    CHECK_FALSE(s.choices.front().meets);
    CHECK(s.why.contains("nobody has all scores"));
  }

  TEST_CASE("confidence grows with what is known and with the lead") {
    Three bed;
    const double before = bed.chosen({.aim = Aim::quality_optimized}).confidence;
    bed.measured(0, 400, 1);
    const Selection s = bed.chosen({.aim = Aim::quality_optimized});
    CHECK(s.confidence > before);
    CHECK(s.confidence <= 1);
    CHECK(s.choices.front().metrics.known() == 1);
    Bed twins(route::Strategy::smart, 2);
    const std::vector<std::string> providers = {"a", "a"};
    CHECK(select(twins.slots, providers, {"x"}, {}, twins.now_ms).confidence == 0);
  }
}
