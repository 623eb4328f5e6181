#include <doctest/doctest.h>

#include <map>

#include "route/names.h"
#include "route/ratings.h"
#include "route/strategies/smart.h"
#include "route/testing.h"

using namespace pb;
using namespace pb::route;
using route::testing::Bed;
using route::testing::dice;
using route::testing::shaken;

namespace {

constexpr const char* kEasy = "Hello, thanks!";
constexpr const char* kHard =
    "Prove this theorem rigorous and carefully, and analyse the complexity of the algorithm";

// A good dear model, a middling one, a cheap weak one.
struct Three : Bed {
  Three() : Bed(Strategy::smart, 3) {
    name(0, "claude-opus-4-8", 5, 25);
    name(1, "gpt-5.4-mini", 0.75, 4.5);
    name(2, "llama-3.3-70b-versatile", 0.1, 0.2);
    facts.tokens = 500;
  }
  void name(std::size_t i, const char* model, double input, double output) {
    deployment(i).model = model;
    slots[i].price = llm::ModelPrice{.input = input, .output = output};
  }
};

}  // namespace

TEST_SUITE("route smart") {
  TEST_CASE("ratings: by the longest name that is known") {
    CHECK(rating("claude-opus-4-8", Kind::code) > 0.8);
    CHECK(rating("anthropic/claude-opus-4.8", Kind::code) == rating("claude-opus-4-8", Kind::code));
    CHECK(rating("claude-opus-4-5-20251101", Kind::chat) == rating("claude-opus-4-5", Kind::chat));
    CHECK(rating("gpt-5.4-mini", Kind::chat) < rating("gpt-5.4", Kind::chat));
    CHECK(rating("gpt-5.4-2026-03-05", Kind::chat) == rating("gpt-5.4", Kind::chat));
    CHECK(rating("o3-mini", Kind::chat) == -1);
    CHECK(rating("gpt-9", Kind::chat) == -1);
    CHECK(rating("my-own", Kind::chat) == -1);
    CHECK(rating("", Kind::chat) == -1);
    CHECK(rating("gpt-5", Kind::maths) > rating("gpt-4o", Kind::maths));
  }

  TEST_CASE("easy requests go where it is cheap, hard ones where it is good") {
    Three bed;
    bed.facts.words = kEasy;
    CHECK(bed.decide(dice({0.5})).slots.front() == 2);
    bed.facts.words = kHard;
    CHECK(bed.decide(dice({0.5})).slots.front() == 0);
    bed.facts.words = "Why does this Python function fail?";
    CHECK(bed.decide(dice({0.5})).slots.front() != 2);
    CHECK(bed.decide(dice({0.5})).reason.starts_with("smart: code, medium; quality 0."));
  }

  TEST_CASE("the reason tells what was weighed") {
    Three bed;
    bed.facts.words = kHard;
    CHECK(bed.decide(dice({0.5})).reason == "smart: maths, hard; quality 0.94, about $0.01500");
    bed.live(0).first_token_ms.add(400, bed.now_ms);
    bed.live(0).tokens_per_second.add(100, bed.now_ms);
    bed.live(0).success.add(1, bed.now_ms);
    CHECK(bed.decide(dice({0.5})).reason ==
          "smart: maths, hard; quality 0.94, about $0.01500, 3401 ms, 100 % answered");
  }

  TEST_CASE("what fails or drags is left") {
    Three bed;
    bed.facts.words = kEasy;
    bed.live(2).success.add(0.3, bed.now_ms);
    CHECK(bed.decide(dice({0.5})).slots.front() != 2);
    Bed twins(Strategy::smart, 2);
    twins.live(0).first_token_ms.add(3'000, twins.now_ms);
    twins.live(1).first_token_ms.add(300, twins.now_ms);
    CHECK(twins.order_of(dice({0.5})) == "ba");
  }

  TEST_CASE("what was measured here goes before the table") {
    Three bed;
    bed.facts.words = kHard;
    bed.slots[1].quality = 1.0;
    bed.slots[0].quality = 0.2;
    CHECK(bed.decide(dice({0.5})).slots.front() == 1);
  }

  TEST_CASE("one request in twenty tries what is little known") {
    Three bed;
    bed.facts.words = kEasy;
    bed.live(2).answered = 1'000;
    bed.live(1).answered = 1'000;
    const Dice chance = shaken();
    std::map<std::size_t, int> count;
    for (int i = 0; i < 4'000; ++i) ++count[bed.decide(chance).slots.front()];
    CHECK(count[0] > 150);
    CHECK(count[0] < 250);
    CHECK(count[2] == 4'000 - count[0]);
    CHECK(bed.decide(dice({0.01})).reason.ends_with("; tried to learn more about it"));
    bed.live(0).in_flight = 1;  // one at a time
    CHECK(bed.decide(dice({0.01})).slots.front() == 2);
    bed.live(0).in_flight = 0;
    bed.live(0).answered = 20;  // known by now
    CHECK(bed.decide(dice({0.01})).slots.front() == 2);
    bed.live(0).answered = 0;
    bed.route.sticky = Sticky::prefix;
    bed.facts.prefix = 7;  // conversations stay
    CHECK(bed.decide(dice({0.01})).slots.front() == 2);
  }

  TEST_CASE("what it knows is told to others") {
    Three bed;
    bed.live(0).first_token_ms.add(400, bed.now_ms);
    bed.live(0).tokens_per_second.add(100, bed.now_ms);
    bed.live(0).success.add(1, bed.now_ms);
    bed.slots[2].price.reset();
    bed.name(1, "my-own", 1, 2);
    const auto all = weigh(bed.slots, bed.facts, {Kind::maths, 0.9}, bed.now_ms);
    REQUIRE(all.size() == 3);
    CHECK(all[0].quality == doctest::Approx(rating("claude-opus-4-8", Kind::maths)));
    CHECK(all[0].rated);
    CHECK(all[0].dollars == doctest::Approx(0.015));
    CHECK(all[0].time_ms == doctest::Approx(3'401));
    CHECK((all[0].measured && all[0].success == 1));
    CHECK_FALSE(all[1].rated);
    CHECK(all[1].time_ms == -1);
    CHECK_FALSE(all[1].measured);
    CHECK(all[2].dollars == -1);
    CHECK(all[0].score > all[2].score);
    bed.facts.words = kHard;  // and it is what routes go by
    CHECK(bed.decide(dice({0.5}), true).verdicts.front().score ==
          doctest::Approx(weigh(bed.slots, bed.facts, guess(bed.facts), bed.now_ms)[0].score));
  }

  TEST_CASE("nothing known at all") {
    Bed bed(Strategy::smart, 3);
    std::map<std::string, int> count;
    const Dice chance = shaken();
    for (int i = 0; i < 3'000; ++i) ++count[bed.first_of(chance)];
    CHECK(count.size() == 3);
    for (const auto& [name, n] : count) CHECK(n > 700);
  }
}
