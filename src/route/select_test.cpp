#include "route/select.h"

#include <doctest/doctest.h>

#include <map>

#include "route/testing.h"

using namespace pb;
using namespace pb::route;
using route::testing::Bed;
using route::testing::dice;
using route::testing::shaken;

TEST_SUITE("route select") {
  TEST_CASE("what cannot serve is left out, and says why") {
    Bed bed(Strategy::priority, 6);
    bed.live(0).drained = true;
    bed.live(1).unhealthy = true;
    bed.live(2).breaker.failed({}, bed.now_ms, true, -1);
    bed.slots[3].left = 0;
    bed.slots[4].can = ~(kVision | kAudio);
    bed.slots[5].context = 1'000;
    bed.facts.needs = kVision | kTools;
    bed.facts.tokens = 900;
    bed.facts.tokens_max = 200;
    const Order none = bed.decide(dice({0.5}));
    CHECK(none.slots.empty());
    REQUIRE(none.verdicts.size() == 6);
    CHECK(none.verdicts[0].why == "drained");
    CHECK(none.verdicts[1].why == "unhealthy: its health checks fail");
    CHECK(none.verdicts[2].why == "breaker open for 10 s");
    CHECK(none.verdicts[3].why == "its limits are used up for now");
    CHECK(none.verdicts[4].why == "needs vision");
    CHECK(none.verdicts[5].why == "about 900 tokens and 200 for the answer do not fit its context of 1000");
    // A little too long may fit: the count is an estimate.
    bed.facts.tokens_max = 190;
    CHECK(bed.order_of(dice({0.5})) == "f");
    bed.now_ms += 10'000;  // the breaker lets one request through
    CHECK(bed.order_of(dice({0.5})) == "cf");
    CHECK(bed.why(2) == "priority 1; breaker half open: one request tries it");
    bool probe = false;
    CHECK(bed.live(2).breaker.admit(bed.now_ms, probe));
    CHECK(bed.order_of(dice({0.5})) == "f");
    CHECK(bed.why(2) == "no: breaker open: one request is trying it");
  }

  TEST_CASE("what is not known of a model or a prompt bars nobody") {
    Bed bed(Strategy::priority, 2);
    bed.facts.needs = ~0u;
    bed.facts.tokens = 10'000'000;
    CHECK(bed.decide(dice({0.5})).slots.size() == 2);
    bed.slots[0].context = bed.slots[1].context = 10;
    bed.facts.tokens = 0;
    bed.facts.tokens_max = 100;
    CHECK(bed.decide(dice({0.5})).slots.size() == 2);
  }

  TEST_CASE("deployments that lack a wish, spare ones and cooling ones come last") {
    Bed bed(Strategy::priority, 4);
    bed.facts.needs = kReasoning | kStructured;
    bed.live(0).cool_until_ms = bed.now_ms + 1'500;
    bed.deployment(1).weight = 0;
    bed.slots[2].can = ~kReasoning;
    CHECK(bed.order_of(dice({0.5})) == "dcba");
    CHECK(bed.why(0) == "priority 1; last, because it cools down for 2 s");
    CHECK(bed.why(1) == "priority 1; weight 0: when nothing else is usable");
    CHECK(bed.why(2) == "priority 1; later, because it lacks reasoning");
    CHECK(bed.why(3) == "priority 1");
    bed.now_ms += 1'500;
    bed.facts.needs = 0;
    CHECK(bed.order_of(dice({0.5})) == "acdb");
  }

  TEST_CASE("tags that are asked for are kept in routes that have tags") {
    Bed bed(Strategy::priority, 3);
    bed.facts.tags = {"eu", "gdpr"};
    CHECK(bed.order_of(dice({0.5})) == "abc");
    bed.deployment(0).tags = {"us"};
    bed.deployment(1).tags = {"gdpr", "eu", "fast"};
    CHECK(bed.order_of(dice({0.5})) == "b");
    CHECK(bed.why(0) == "no: has no tag eu");
    CHECK(bed.why(2) == "no: has no tag eu");
    bed.facts.tags.clear();
    CHECK(bed.order_of(dice({0.5})) == "abc");
  }

  TEST_CASE("a route without deployments chooses none") {
    Bed bed(Strategy::weighted, 0);
    CHECK(bed.decide(dice({0.5})).slots.empty());
  }

  TEST_CASE("a sticky conversation stays, and moves only when its deployment goes") {
    for (Strategy strategy :
         {Strategy::weighted, Strategy::round_robin, Strategy::least_connections, Strategy::response_time,
          Strategy::smart, Strategy::priority, Strategy::cheapest}) {
      CAPTURE(static_cast<int>(strategy));
      Bed bed(strategy, 5);
      bed.route.sticky = Sticky::prefix;
      const Dice chance = shaken();
      std::map<std::uint64_t, std::string> home;
      std::map<std::string, int> count;
      for (std::uint64_t prefix = 1; prefix <= 1'000; ++prefix) {
        bed.facts.prefix = prefix * 0x9e3779b97f4a7c15;
        home[prefix] = bed.first_of(chance);
        ++count[home[prefix]];
      }
      for (const auto& [name, n] : count) CHECK(n > 140);
      CHECK(count.size() == 5);
      bed.live(2).drained = true;
      for (const auto& [prefix, where] : home) {
        bed.facts.prefix = prefix * 0x9e3779b97f4a7c15;
        const std::string now = bed.first_of(chance);
        CHECK((where == "c" ? now != "c" : now == where));
      }
      bed.live(2).drained = false;
      bed.facts.prefix = 1'000 * 0x9e3779b97f4a7c15;
      CHECK(bed.first_of(chance) == home[1'000]);
    }
  }

  TEST_CASE("weights count for conversations too, and priorities go before them") {
    Bed bed(Strategy::weighted, 2);
    bed.route.sticky = Sticky::prefix;
    bed.deployment(1).weight = 3;
    int heavy = 0;
    for (std::uint64_t i = 1; i <= 1'000; ++i) {
      bed.facts.prefix = i * 0x9e3779b97f4a7c15;
      heavy += bed.first_of(shaken()) == "b";
    }
    CHECK(heavy > 700);
    CHECK(heavy < 800);
    bed.route.strategy = Strategy::priority;
    bed.deployment(1).priority = 2;
    for (std::uint64_t i = 1; i <= 50; ++i) {
      bed.facts.prefix = i * 0x9e3779b97f4a7c15;
      CHECK(bed.order_of(shaken()) == "ab");
    }
    CHECK(bed.decide(shaken()).reason == "priority: sticky by prefix, priority 1");
    CHECK(bed.why(0) == "priority 1; holds this conversation");
  }

  TEST_CASE("what a conversation is known by") {
    Facts facts;
    CHECK(sticky_key(Sticky::off, facts) == 0);
    CHECK(sticky_key(Sticky::prefix, facts) == 0);
    CHECK(sticky_key(Sticky::header, facts) == 0);
    CHECK(sticky_key(Sticky::user, facts) == 0);
    facts.prefix = 7;
    CHECK(sticky_key(Sticky::prefix, facts) == 7);
    facts.header = [](std::string_view name) -> std::string_view { return name == "session_id" ? "s1" : ""; };
    const auto by_header = sticky_key(Sticky::header, facts);
    CHECK(by_header != 0);
    facts.header = [](std::string_view name) -> std::string_view {
      return name == "x-patchbay-session" ? "s2" : name == "session_id" ? "s1" : "";
    };
    CHECK(sticky_key(Sticky::header, facts) != by_header);
    facts.key = "ab";
    const auto by_key = sticky_key(Sticky::user, facts);
    facts.user = "c";
    const auto by_both = sticky_key(Sticky::user, facts);
    facts.key = "a";
    facts.user = "bc";
    CHECK(by_key != 0);
    CHECK(by_key != by_both);
    CHECK(sticky_key(Sticky::user, facts) != by_both);
  }
}
