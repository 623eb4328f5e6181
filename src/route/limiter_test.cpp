#include "route/limiter.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace pb::route;

namespace {

constexpr std::int64_t kNoon = 1'795'262'400'000;  // 2026-11-21T12:00:00Z

Moment at(std::int64_t ms) { return {1'000'000 + ms, kNoon + ms}; }

struct Rig {
  explicit Rig(Limits limits) : limiter(std::make_shared<Limiter>(Subject::key, "k", limits)) {}
  auto ask(std::int64_t ms, std::int64_t tokens = 1, double cost = 0) {
    return reserve(std::span(&limiter, 1), {tokens, cost}, at(ms));
  }
  // Reserved, used as estimated, settled.
  bool use(std::int64_t ms, std::int64_t tokens = 1, double cost = 0) {
    auto r = ask(ms, tokens, cost);
    if (r) r->settle(tokens, cost);
    return r.has_value();
  }
  std::shared_ptr<Limiter> limiter;
};

Limits rates(RateLimits r) { return {r, {}}; }
Limits budget(double amount, Period per) { return {{}, {amount, per}}; }

}  // namespace

TEST_SUITE("limiter") {
  TEST_CASE("a minute's requests: no burst at the window's edge passes") {
    Rig rig(rates({.requests_per_minute = 10}));
    for (int i = 0; i < 10; ++i) CHECK(rig.use(59'900 + i));
    auto refused = rig.ask(60'100);  // the next minute by the clock
    REQUIRE_FALSE(refused);
    CHECK(refused.error().limit == Limit::requests_per_minute);
    CHECK(refused.error().most == 10);
    CHECK(refused.error().left == 0);
    const std::int64_t wait = refused.error().retry_after_ms;
    CHECK(wait > 59'000);
    CHECK(wait <= 61'000);
    CHECK_FALSE(rig.use(60'100 + wait - 1));
    CHECK(rig.use(60'100 + wait));
  }

  TEST_CASE("no sixty seconds ever hold more than the limit, and nearly all of it can be used") {
    Rig rig(rates({.requests_per_minute = 30}));
    std::vector<std::int64_t> passed;
    for (std::int64_t ms = 0; ms < 600'000; ms += 137)
      if (rig.use(ms)) passed.push_back(ms);
    for (std::size_t i = 30; i < passed.size(); ++i) CHECK(passed[i] - passed[i - 30] >= 60'000);
    CHECK(passed.size() >= 290);  // of 300 in ten minutes
  }

  TEST_CASE("tokens are reserved by estimate and settled by what was used") {
    Rig rig(rates({.tokens_per_minute = 1000}));
    auto first = rig.ask(0, 600);
    REQUIRE(first);
    auto second = rig.ask(10, 600);
    REQUIRE_FALSE(second);
    CHECK(second.error().limit == Limit::tokens_per_minute);
    CHECK(second.error().left == 400);
    first->settle(100, 0);
    CHECK(rig.limiter->standing(at(20)).tokens.left == 900);
    CHECK(rig.ask(20, 600).has_value());  // dropped at once: given back
    CHECK(rig.limiter->standing(at(30)).tokens.left == 900);
    CHECK(rig.limiter->standing(at(62'000)).tokens.left == 1000);
  }

  TEST_CASE(
      "a request larger than what is left passes when it is alone, so that all of a limit can be used") {
    Rig rig(rates({.tokens_per_minute = 1000}));
    auto large = rig.ask(0, 32'000);
    REQUIRE(large);
    CHECK_FALSE(rig.ask(1, 1).has_value());
    large->settle(300, 0);
    CHECK(rig.use(2, 32'000));  // used in full: over by less than one estimate, and nothing more passes
    CHECK_FALSE(rig.use(3, 1));
  }

  TEST_CASE("a request that never went out leaves nothing behind") {
    Rig rig(rates({.requests_per_minute = 1, .requests_per_day = 1, .concurrency = 1}));
    for (int i = 0; i < 5; ++i) CHECK(rig.ask(i).has_value());
    auto kept = rig.ask(9);
    REQUIRE(kept);
    Reservation moved = std::move(*kept);
    CHECK_FALSE(kept->held());
    CHECK(moved.held());
    moved.settle(5, 0.5);
    moved.settle(5, 0.5);  // once is enough
    moved.cancel();
    const Standing s = rig.limiter->standing(at(10));
    CHECK(s.requests_today == 1);
    CHECK(s.tokens_today == 5);
    CHECK(s.in_flight == 0);
    CHECK_FALSE(rig.ask(11).has_value());
  }

  TEST_CASE("days end at midnight UTC, months on their last day") {
    Rig rig(rates({.requests_per_day = 2}));
    CHECK(rig.use(0));
    CHECK(rig.use(1));
    auto refused = rig.ask(2);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().retry_after_ms == 12 * 3'600'000 - 2);
    CHECK(rig.use(12 * 3'600'000));
    CHECK(period_end(Period::month, kNoon) - kNoon == (9 * 24 + 12) * 3'600'000ll);  // 1 December
    CHECK(period_end(Period::total, kNoon) == -1);
    CHECK(month_of(kNoon) == 56 * 12 + 10);
  }

  TEST_CASE("budgets: per day, month and for ever") {
    const std::int64_t day = 86'400'000;
    Rig daily(budget(1, Period::day)), monthly(budget(1, Period::month)), total(budget(1, Period::total));
    for (Rig* rig : {&daily, &monthly, &total}) {
      CHECK(rig->use(0, 1, 0.6));
      CHECK(rig->use(1, 1, 0.6));  // alone: the last one may go over, by less than itself
      auto refused = rig->ask(2, 1, 0.000001);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().limit == Limit::budget);
      CHECK(refused.error().left == 0);
    }
    CHECK(total.ask(3).error().retry_after_ms == -1);
    CHECK(daily.use(day, 1, 0.1));
    CHECK_FALSE(monthly.use(day, 1, 0.1));
    CHECK(monthly.use(10 * day, 1, 0.1));
    CHECK_FALSE(total.use(400 * day, 1, 0.1));
    total.limiter->set(budget(2, Period::total));  // raised: what was spent stays
    CHECK(total.use(400 * day, 1, 0.1));
    CHECK(total.limiter->standing(at(400 * day)).spent == doctest::Approx(1.3));
  }

  TEST_CASE("what was spent before the start counts") {
    Rig rig({{.requests_per_day = 10}, {5, Period::month}});
    rig.limiter->start({9, 100, 1, 4.5, 80}, at(0));
    auto r = rig.ask(0, 10, 0.4);
    REQUIRE(r);
    const Charges charges = r->settle(10, 0.4);
    CHECK(charges[0].before == doctest::Approx(4.5));
    CHECK(charges[0].after == doctest::Approx(4.9));
    CHECK(charges[0].amount == 5);
    CHECK(charges[1].limiter == nullptr);
    CHECK(rig.ask(1).error().limit == Limit::requests_per_day);
  }

  TEST_CASE("several limiters: all or none") {
    auto key = std::make_shared<Limiter>(Subject::key, "k", rates({.requests_per_minute = 100}));
    auto team = std::make_shared<Limiter>(Subject::team, "t", rates({.requests_per_minute = 2}));
    const std::shared_ptr<Limiter> both[] = {key, nullptr, team};
    for (int i = 0; i < 2; ++i) {
      auto r = reserve(both, {}, at(i));
      REQUIRE(r);
      r->settle(1, 0);
    }
    auto refused = reserve(both, {}, at(2));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().limiter == team.get());
    CHECK(key->standing(at(2)).requests.left == 98);
  }

  TEST_CASE("a clock that goes back does no harm") {
    Rig rig(rates({.requests_per_minute = 2, .requests_per_day = 100}));
    CHECK(rig.use(5'000));
    auto earlier = reserve(std::span(&rig.limiter, 1), {1, 0}, {1'003'000, kNoon - 2 * 86'400'000});
    REQUIRE(earlier);
    earlier->settle(1, 0);
    CHECK_FALSE(rig.use(5'000));
    CHECK(rig.use(67'000));
  }

  TEST_CASE("1,000 requests at a time on many threads: over by less than one request's estimate") {
    constexpr double kCost = 0.01, kAmount = 1.005;
    Rig rig({{.requests_per_minute = 700, .tokens_per_minute = 4'005, .concurrency = 40},
             {kAmount, Period::day}});
    std::atomic<int> passed{0}, together{0}, most{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        std::vector<Reservation> mine;
        for (int i = 0; i < 125; ++i) {
          if (auto r = rig.ask(i, 10, kCost)) {
            ++passed;
            const int now = ++together;
            for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
            }
            mine.push_back(std::move(*r));
          }
          if (i % 7 != 0) continue;
          for (Reservation& r : mine) {
            --together;  // before: the place is free afterwards
            r.settle(10, kCost);
          }
          mine.clear();
        }
        for (Reservation& r : mine) {
          --together;
          r.settle(10, kCost);
        }
      });
    for (std::thread& t : threads) t.join();
    const Standing s = rig.limiter->standing(at(1000));
    CHECK(s.spent <= kAmount + kCost);
    CHECK(s.spent >= kAmount - kCost);
    CHECK(passed.load() == 100 + (s.spent > kAmount ? 1 : 0));
    CHECK(s.in_flight == 0);
    CHECK(most.load() <= 40);
    CHECK(s.tokens_today == passed.load() * 10);
  }
}
