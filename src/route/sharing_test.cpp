#include "route/sharing.h"

#include <doctest/doctest.h>

#include <array>

using namespace pb::route;

namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr Moment kNow{1'000'000, 20'000 * kDay + 3'600'000};

Moment later(std::int64_t ms) { return {kNow.steady_ms + ms, kNow.unix_ms + ms}; }

struct One {
  std::shared_ptr<Limiter> limiter;
  explicit One(const Limits& limits) : limiter(std::make_shared<Limiter>(Subject::key, "k", limits)) {}
  std::expected<Reservation, Refusal> take(Terms terms, Moment now = kNow, Estimate e = {}) {
    const std::shared_ptr<Limiter> all[] = {limiter};
    return reserve(all, e, now, terms);
  }
  // An agreement that the store has taken over as it was sent.
  Agreement agree(std::uint64_t epoch, Moment now = kNow) {
    Agreement a;
    REQUIRE(limiter->begin_agreement(epoch, now, a));
    limiter->end_agreement(a, &a.own, now);
    return a;
  }
  // What is to be told next.
  Tally untold(std::uint64_t epoch, Moment now = kNow) {
    Tally t;
    return limiter->take_untold(epoch, now, t) ? t : Tally{};
  }
};

struct Listener final : Follower {
  void ended(std::span<const std::shared_ptr<Limiter>> limiters, std::int64_t second, std::int64_t requests,
             std::int64_t tokens) override {
    ++times;
    last = {static_cast<std::int64_t>(limiters.size()), second, requests, tokens};
  }
  int times = 0;
  std::array<std::int64_t, 4> last{};
};

}  // namespace

TEST_SUITE("sharing") {
  TEST_CASE("a replica's part of a limit") {
    CHECK(part_of(100, 0, 0, 2) == 50);
    CHECK(part_of(100, 40, 20, 2) == 60);  // what it had used, and half of what was left
    CHECK(part_of(100, 40, 60, 2) == 40);  // nothing was left
    CHECK(part_of(100, 40, 100, 2) == 40);
    CHECK(part_of(1, 0, 0, 3) == 1);      // never nothing
    CHECK(part_of(100, 0, 0, 0) == 100);  // nobody else was ever seen
    CHECK(part_of(0, 0, 0, 2) == 0);      // no limit
    // All parts together are the limit.
    CHECK(part_of(100, 40, 20, 2) + part_of(100, 20, 40, 2) == 100);
  }

  TEST_CASE("only what the store does not know is told, once") {
    One one({.rates = {.requests_per_minute = 10, .tokens_per_day = 1000}, .budget = {5, Period::total}});
    one.agree(7);
    CHECK(one.limiter->agreed(7));
    auto place = one.take({.epoch = 7}, kNow, {100, 0.5});
    REQUIRE(place);
    CHECK(place->to_be_asked());
    CHECK(one.untold(7).nothing());  // while it is asked for, it is not told besides
    place->answered(true, 42);
    CHECK(one.untold(7).nothing());
    place->settle(30, 0.2);
    const Tally t = one.untold(7);
    CHECK(t.requests_today == 0);
    CHECK(t.tokens_today == -70);
    CHECK(t.cost_total == 200'000'000);
    CHECK(t.in_flight == -1);
    CHECK(t.held_tokens == -100);
    CHECK(t.held_cost == -500'000'000);
    CHECK(one.untold(7).nothing());
    CHECK(one.untold(6).nothing());
  }

  TEST_CASE("a refusal leaves nothing to tell") {
    One one({.rates = {.requests_per_day = 10}, .budget = {}});
    one.agree(1);
    {
      auto place = one.take({.epoch = 1}, kNow, {5, 0});
      REQUIRE(place);
      place->answered(false, -1);
      place->cancel();
    }
    CHECK(one.untold(1).nothing());
    CHECK(one.limiter->standing(kNow).requests.left == 10);
  }

  TEST_CASE("a question that a later agreement has overtaken is in that agreement") {
    One one({.rates = {.requests_per_day = 10}, .budget = {}});
    one.agree(1);
    auto place = one.take({.epoch = 1});
    REQUIRE(place);
    CHECK(one.agree(2).own.in_flight == 1);
    place->answered(true, 5);
    CHECK(one.untold(2).nothing());
    place->settle(0, 0);
    CHECK(one.untold(2).in_flight == -1);
  }

  TEST_CASE("who follows is told by how much the minute was counted wrong") {
    const auto listener = std::make_shared<Listener>();
    One one({.rates = {.requests_per_minute = 10, .tokens_per_minute = 1000}, .budget = {}});
    one.agree(1);
    auto place = one.take({.epoch = 1}, kNow, {100, 0});
    place->answered(true, 77);
    place->follow(listener);
    place->settle(30, 0);
    CHECK(listener->last == std::array<std::int64_t, 4>{1, 77, 0, -70});
    {
      auto dropped = one.take({.epoch = 1}, kNow, {100, 0});
      dropped->answered(true, 78);
      dropped->follow(listener);
    }
    CHECK(listener->last == std::array<std::int64_t, 4>{1, 78, -1, -100});
    CHECK(listener->times == 2);
    place->settle(1, 1);
    CHECK(listener->times == 2);
  }

  TEST_CASE("what is being asked for is not taken for others' lack of use") {
    One one({.rates = {.requests_per_minute = 10}, .budget = {}});
    one.agree(1);
    auto asked = one.take({.epoch = 1});
    auto refused = one.take({.epoch = 1});
    one.limiter->heard({.requests = 10}, kNow);
    refused->answered(false, -1);
    refused->cancel();
    asked->answered(false, -1);
    asked->cancel();
    CHECK(one.limiter->standing(kNow).requests.left == 0);
  }

  TEST_CASE("alone, a replica keeps to its part, and tells what it used when the store is back") {
    One one({.rates = {.requests_per_minute = 20, .requests_per_day = 100}, .budget = {}});
    one.agree(1);
    for (int i = 0; i < 4; ++i) {
      auto place = one.take({.epoch = 1});
      place->answered(true, 1);
      place->settle(0, 0);
    }
    CHECK(one.untold(1).in_flight == -4);
    one.limiter->heard({.requests = 10, .requests_today = 6}, kNow);  // 4 of this one, 6 of others
    CHECK(one.limiter->standing(kNow).requests.left == 10);

    const Terms alone{.replicas = 2, .outage = 1};
    int passed = 0;
    std::optional<Refusal> refusal;
    for (int i = 0; i < 20; ++i) {
      auto place = one.take(alone, later(100));
      if (!place) {
        refusal = place.error();
        continue;
      }
      ++passed;
      place->settle(0, 0);
    }
    CHECK(passed == 5);  // 4 + half of the 10 that were left is 9
    REQUIRE(refusal);
    CHECK(refusal->limit == Limit::requests_per_minute);
    CHECK(refusal->most == 9);
    CHECK(refusal->part);

    // A minute later what was used before is over: half of the limit is left, and never more within any minute.
    passed = 0;
    for (int i = 0; i < 40; ++i)
      if (auto place = one.take(alone, later(62'000))) ++passed, place->settle(0, 0);
    CHECK(passed == 9);  // the smaller of 9 and 10

    const Agreement back = one.agree(2, later(63'000));
    CHECK(back.own.requests_today == 18);
    CHECK(!back.first);
    std::int64_t untold = 0;
    for (const SecondCount& c : back.untold) untold += c.requests;
    CHECK(untold == 9);  // those of the last minute
    CHECK(one.untold(2, later(63'000)).nothing());
    CHECK(one.take({.epoch = 2}, later(63'000)));
  }

  TEST_CASE("alone, money is what was spent and a part of what was left") {
    One one({.rates = {}, .budget = {10, Period::total}});
    one.limiter->start({.cost = 2}, kNow);
    one.agree(1);
    one.limiter->heard({.spent = 3'000'000'000, .held_cost = 1'000'000'000}, kNow);
    CHECK(one.limiter->standing(kNow).spent == doctest::Approx(5));
    const Terms alone{.replicas = 2, .outage = 1};
    auto place = one.take(alone, kNow, {0, 1});
    REQUIRE(place);
    place->settle(0, 1.9);
    place = one.take(alone, kNow, {0, 1});  // 3.9 of 4 are used
    REQUIRE(place);
    place->settle(0, 0.1);
    place = one.take(alone, kNow, {0, 0.1});
    REQUIRE(!place);
    CHECK(place.error().most == doctest::Approx(4));
  }

  TEST_CASE("an agreement that failed forgets nothing") {
    One one({.rates = {.requests_per_minute = 20}, .budget = {}});
    auto place = one.take({.replicas = 1, .outage = 1});
    REQUIRE(place);
    place->settle(0, 0);
    Agreement a;
    REQUIRE(one.limiter->begin_agreement(1, kNow, a));
    Agreement second;
    CHECK(!one.limiter->begin_agreement(1, kNow, second));  // one at a time
    CHECK(a.untold.size() == 1);
    one.limiter->end_agreement(a, nullptr, kNow);
    CHECK(!one.limiter->agreed(1));
    REQUIRE(one.limiter->begin_agreement(2, kNow, second));
    CHECK(second.untold.size() == 1);
    CHECK(second.all.size() == 1);
  }

  TEST_CASE("what happens while an agreement is made is told after it") {
    One one({.rates = {.requests_per_day = 20}, .budget = {}});
    Agreement a;
    REQUIRE(one.limiter->begin_agreement(1, kNow, a));
    auto place = one.take({.replicas = 2, .outage = 1});
    REQUIRE(place);
    one.limiter->end_agreement(a, &a.own, kNow);
    CHECK(one.untold(1).requests_today == 1);
  }

  TEST_CASE("after a restart the store may know more than the ledger") {
    One one({.rates = {.requests_per_day = 100}, .budget = {10, Period::month}});
    one.limiter->start({.requests_today = 5, .cost_this_month = 1}, kNow);
    Agreement a;
    REQUIRE(one.limiter->begin_agreement(1, kNow, a));
    CHECK(a.first);
    Tally as = a.own;
    as.requests_today = 8;
    as.cost_month = 1'500'000'000;
    one.limiter->end_agreement(a, &as, kNow);
    CHECK(one.limiter->standing(kNow).requests.left == 92);
    CHECK(one.limiter->standing(kNow).spent == doctest::Approx(1.5));
    CHECK(one.untold(1).nothing());
  }

  TEST_CASE("at midnight what was told of the day is over too") {
    One one({.rates = {.requests_per_day = 10}, .budget = {}});
    one.agree(1);
    auto place = one.take({.epoch = 1}, kNow, {7, 0});
    place->answered(true, 1);
    const Moment tomorrow = later(kDay);
    CHECK(one.untold(1, tomorrow).nothing());
    place->settle(7, 0);
    const Tally t = one.untold(1, tomorrow);
    CHECK(t.requests_today == 0);
    CHECK(t.tokens_today == 0);
    CHECK(t.in_flight == -1);
    auto next = one.take({.epoch = 1}, tomorrow);
    CHECK(one.limiter->standing(tomorrow).requests.left == 9);
  }
}
