#include <doctest/doctest.h>

#include <map>

#include "route/names.h"
#include "route/strategies/strategy.h"
#include "route/testing.h"

using namespace pb;
using namespace pb::route;
using route::testing::Bed;
using route::testing::dice;
using route::testing::shaken;

namespace {

std::map<std::string, int> firsts(Bed& bed, int n) {
  std::map<std::string, int> out;
  const Dice chance = shaken();
  for (int i = 0; i < n; ++i) ++out[bed.first_of(chance)];
  return out;
}

}  // namespace

TEST_SUITE("route strategies") {
  TEST_CASE("the table is in the order of the enum") {
    for (std::size_t i = 0; i < strategies().size(); ++i)
      CHECK(static_cast<std::size_t>(strategies()[i].strategy) == i);
    CHECK(strategies().size() == kStrategyNames.size());
    CHECK(name_in(kStrategyNames, Strategy::smart) == "smart");
  }

  TEST_CASE("priority: the lowest number, weights among equals") {
    Bed bed(Strategy::priority, 4);
    bed.deployment(0).priority = 3;
    bed.deployment(1).priority = 2;
    bed.deployment(2).priority = bed.deployment(3).priority = 1;
    bed.deployment(3).weight = 4;
    auto count = firsts(bed, 2'000);
    CHECK(count["c"] + count["d"] == 2'000);
    CHECK(count["d"] > 1'520);
    CHECK(count["d"] < 1'680);
    CHECK(bed.order_of(shaken()).substr(2) == "ba");
    CHECK(bed.decide(shaken()).reason == "priority: priority 1");
    bed.live(2).drained = bed.live(3).drained = true;
    CHECK(bed.order_of(shaken()) == "ba");
  }

  TEST_CASE("weighted: in proportion, less as a quota runs out") {
    Bed bed(Strategy::weighted, 3);
    bed.deployment(1).weight = 2;
    bed.deployment(2).weight = 7;
    auto count = firsts(bed, 10'000);
    CHECK(std::abs(count["a"] - 1'000) < 120);
    CHECK(std::abs(count["b"] - 2'000) < 150);
    CHECK(std::abs(count["c"] - 7'000) < 180);
    CHECK(bed.why(2) == "70 % of the draws");
    bed.slots[2].left = 1.0 / 7;
    count = firsts(bed, 10'000);
    CHECK(std::abs(count["c"] - 2'500) < 170);
    CHECK(bed.order_of(dice({0, 0, 0})).size() == 3);  // the dice's edge
  }

  TEST_CASE("round robin: smooth, and exact in every round") {
    Bed bed(Strategy::round_robin, 3);
    bed.deployment(0).weight = 5;
    std::string seen;
    for (int i = 0; i < 14; ++i) seen += bed.first_of(dice({0.5}));
    CHECK(seen == "aabacaaaabacaa");
    Bed even(Strategy::round_robin, 3);
    seen.clear();
    for (int i = 0; i < 6; ++i) seen += even.first_of(dice({0.5}));
    CHECK(seen == "abcabc");
    even.live(1).cool_until_ms = even.now_ms + 1;
    seen.clear();
    for (int i = 0; i < 4; ++i) seen += even.first_of(dice({0.5}));
    CHECK(seen == "acac");
  }

  TEST_CASE("least connections: for their weight") {
    Bed bed(Strategy::least_connections, 3);
    bed.live(0).in_flight = 2;
    bed.live(1).in_flight = 1;
    bed.live(2).in_flight = 4;
    CHECK(bed.order_of(shaken()) == "bac");
    bed.deployment(2).weight = 5;
    CHECK(bed.order_of(shaken()) == "cba");
    CHECK(bed.why(2) == "4 requests under way, weight 5");
    Bed idle(Strategy::least_connections, 2);
    auto count = firsts(idle, 1'000);
    CHECK(count["a"] > 400);
    CHECK(count["b"] > 400);
  }

  TEST_CASE("response time: the better of two, unknown ones are tried by one request") {
    Bed bed(Strategy::response_time, 3);
    for (std::size_t i = 0; i < 3; ++i) bed.live(i).first_token_ms.add(100.0 * (i + 1), bed.now_ms);
    auto count = firsts(bed, 3'000);
    CHECK(std::abs(count["a"] - 2'000) < 120);  // in two of the three pairs
    CHECK(std::abs(count["b"] - 1'000) < 120);
    CHECK(count["c"] == 0);
    bed.live(0).in_flight = 3;  // 400 ms
    count = firsts(bed, 3'000);
    CHECK(std::abs(count["b"] - 2'000) < 120);
    CHECK(count["a"] == 0);
    CHECK(bed.why(0) == "100 ms to the first token, 3 under way");

    Bed fresh(Strategy::response_time, 2);
    fresh.live(0).first_token_ms.add(100, fresh.now_ms);
    CHECK(fresh.order_of(shaken()) == "ba");
    CHECK(fresh.why(1) == "not measured yet");
    fresh.live(1).in_flight = 1;
    CHECK(fresh.order_of(shaken()) == "ab");
  }

  TEST_CASE("response time: what was slow is tried again after a while") {
    Bed bed(Strategy::response_time, 2);
    bed.live(0).first_token_ms.add(10'000, bed.now_ms);
    bed.live(1).first_token_ms.add(100, bed.now_ms);
    CHECK(bed.first_of(shaken()) == "b");
    bed.now_ms += 80'000;
    bed.live(1).first_token_ms.add(100, bed.now_ms);
    CHECK(bed.first_of(shaken()) == "a");
  }

  TEST_CASE("cheapest: for this request, unknown prices last") {
    Bed bed(Strategy::cheapest, 4);
    bed.slots[0].price = llm::ModelPrice{.input = 1, .output = 10};
    bed.slots[1].price = llm::ModelPrice{.input = 3, .output = 4};
    bed.slots[3].price = llm::ModelPrice{.input = 0, .output = 0};
    bed.facts.tokens = 100;
    CHECK(bed.order_of(shaken()) == "dbac");  // mostly answer
    bed.facts.tokens = 100'000;
    CHECK(bed.order_of(shaken()) == "dabc");  // mostly prompt
    CHECK(bed.why(2) == "price not known");
    CHECK(bed.why(0) == "about $0.10500");
    bed.facts.tokens = 100;
    bed.facts.tokens_max = 10;
    CHECK(bed.why(0) == "about $0.00020");
    for (Slot& slot : bed.slots) slot.price = llm::ModelPrice{.input = 1, .output = 1};
    auto count = firsts(bed, 4'000);
    for (const auto& [name, n] : count) CHECK(std::abs(n - 1'000) < 150);
  }
}
