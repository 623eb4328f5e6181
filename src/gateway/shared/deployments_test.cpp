#include "gateway/shared/deployments.h"

#include <doctest/doctest.h>

using pb::gateway::shared::Deployments;
using pb::route::Breaker;
using pb::route::BreakerOptions;

namespace {

constexpr BreakerOptions kOptions{.failures = 1, .open_ms = 10'000};

struct Replica {
  pb::route::Board board;
  Deployments deployments{board};
  Breaker& breaker() { return board.of("a/m").breaker; }
};

void exchange(Replica& one, Replica& two, std::int64_t now) {
  const std::string from_one = one.deployments.tell(now), from_two = two.deployments.tell(now);
  one.deployments.hear({from_two}, now);
  two.deployments.hear({from_one}, now);
}

}  // namespace

TEST_SUITE("sharing") {
  TEST_CASE("a breaker that opens is open for all, and closes for all") {
    Replica one, two;
    one.breaker().failed(kOptions, 1000, false, -1);
    CHECK(one.deployments.tell(1000) == "10000 0 a/m\n");
    exchange(one, two, 1000);
    CHECK(two.breaker().state(1000) == Breaker::State::open);
    CHECK(two.breaker().open_until_ms() == 11'000);
    CHECK(two.deployments.tell(1000).empty());  // it was not found out there
    // Half open, the first one's probe is good.
    bool probe = false;
    CHECK(one.breaker().admit(11'000, probe));
    one.breaker().succeeded(11'000);
    exchange(one, two, 10'900);
    CHECK(two.breaker().state(10'900) == Breaker::State::closed);
  }

  TEST_CASE("a probe of our own counts for more than what others say") {
    Replica one, two;
    one.breaker().failed(kOptions, 1000, false, -1);
    exchange(one, two, 1000);
    bool probe = false;
    CHECK(two.breaker().admit(11'000, probe));
    CHECK(probe);
    two.breaker().succeeded(11'000);
    one.breaker().failed(kOptions, 11'000, false, -1);
    exchange(one, two, 11'100);
    CHECK(two.breaker().state(11'100) == Breaker::State::closed);
    CHECK(one.breaker().state(11'100) == Breaker::State::open);
  }

  TEST_CASE("rate limits are told too") {
    Replica one, two;
    one.board.of("a/m").cool_until_ms = 6000;
    exchange(one, two, 1000);
    CHECK(two.board.of("a/m").cool_until_ms == 6000);
    exchange(one, two, 2000);
    CHECK(two.board.of("a/m").cool_until_ms == 6000);
  }

  TEST_CASE("what was drained by hand, and who says so") {
    Replica one;
    one.board.of("a/m").drained = true;
    auto changes = one.deployments.drained_here(false);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0] == std::pair<std::string, bool>("a/m", true));
    one.deployments.hear_drained({"a/m", "b/m"});
    CHECK(one.board.of("b/m").drained);
    CHECK(one.deployments.drained_here(false).empty());
    CHECK(one.deployments.drained_here(true).size() == 2);
    one.deployments.hear_drained({"b/m"});  // another replica has enabled it
    CHECK(!one.board.of("a/m").drained);
    one.board.of("b/m").drained = false;
    changes = one.deployments.drained_here(false);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0] == std::pair<std::string, bool>("b/m", false));
  }

  TEST_CASE("nonsense from others is passed over") {
    Replica one;
    one.deployments.hear({"", "x", "1 2", "1 2 \n", "-1 x a\n", "9 a/m\n", "99999999999999999999 0 a/m\n"},
                         1000);
    CHECK(one.breaker().state(1000) == Breaker::State::closed);
  }
}
