#include "gateway/state.h"

#include <doctest/doctest.h>

#include "gateway/plan.h"

using namespace pb;
using namespace pb::gateway;

namespace {

constexpr route::Moment kNow{1'000'000, 1'795'262'400'000};

config::Config two_deployments() {
  config::Config c;
  config::Provider p;
  p.name = "up";
  p.vendor = llm::find_vendor("custom");
  p.base_url = "http://127.0.0.1:9/v1";
  p.formats.push_back(
      {llm::find_dialect("openai_chat"), "/chat/completions", "/chat/completions", "openai_chat"});
  c.providers.push_back(p);
  route::Route r;
  r.name = "main";
  r.deployments.resize(2);
  r.deployments[0].model = "a";
  r.deployments[0].limits.requests_per_minute = 4;
  r.deployments[1].model = "b";
  r.deployments[1].weight = 3;
  r.deployments[1].tags = {"eu"};
  c.routes.push_back(r);
  return c;
}

DeploymentState state(const Snapshot& s, std::string_view name) { return *find_deployment(s, name, kNow); }

}  // namespace

TEST_SUITE("state") {
  TEST_CASE("deployments: those of routes, those that were used, in a word") {
    const auto s = *Snapshot::make(two_deployments());
    route::Live& a = s->board().of("up/a");
    s->board().of("up/never");
    s->board().of("up/by-name").answered = 1;
    const auto all = deployments(*s, kNow);
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "up/a");
    CHECK(all[0].provider == "up");
    CHECK(all[0].model == "a");
    CHECK(all[1].name == "up/b");
    CHECK(all[1].routes.at(0).weight == 3);
    CHECK(all[1].routes.at(0).tags.at(0) == "eu");
    CHECK(all[2].routes.empty());
    CHECK(find_deployment(*s, "up/never", kNow).has_value());
    CHECK_FALSE(find_deployment(*s, "up/unheard", kNow).has_value());

    CHECK(word_of(all[0]) == "ready");
    CHECK(all[0].first_token_ms == -1);
    CHECK(all[0].since_ms == 0);
    a.cool_until_ms = kNow.steady_ms + 5000;
    CHECK(word_of(state(*s, "up/a")) == "cooling");
    CHECK(state(*s, "up/a").cooling_ms == 5000);
    a.breaker.failed({1, 8000, 8000}, kNow.steady_ms - 2000, false, -1);
    CHECK(word_of(state(*s, "up/a")) == "open");
    CHECK(state(*s, "up/a").since_ms == kNow.unix_ms - 2000);
    CHECK(state(*s, "up/a").retry_ms == 6000);
    a.unhealthy = true;
    CHECK(word_of(state(*s, "up/a")) == "unhealthy");
    s->board().drain(a, true);
    CHECK(word_of(state(*s, "up/a")) == "drained");
    CHECK(overview(deployments(*s, kNow)).ready == 2);
    CHECK(routes(*s, kNow).at(0).deployments.at(0).usable == false);
    CHECK(routes(*s, kNow).at(0).deployments.at(1).usable);
  }

  TEST_CASE("figures: rates of the last seconds") {
    const auto s = *Snapshot::make(two_deployments());
    route::Live& b = s->board().of("up/b");
    for (int i = 0; i < 20; ++i) b.ended.add(kNow.steady_ms - 1000);
    for (int i = 0; i < 5; ++i) b.lost.add(kNow.steady_ms - 30'000);
    b.first_token_ms.add(120, kNow.steady_ms);
    const DeploymentState d = state(*s, "up/b");
    CHECK(d.per_second == 2);
    CHECK(d.ended_minute == 20);
    CHECK(d.failed_minute == 5);
    CHECK(d.first_token_ms == 120);
    CHECK(d.first_token_p95_ms == -1);  // too few to say
  }

  TEST_CASE("what is left of limits") {
    const auto s = *Snapshot::make(two_deployments());
    const auto limiter = s->board().of("up/a").limiter;
    auto place = route::reserve(std::span(&limiter, 1), {}, kNow);
    REQUIRE(place);
    const Allowance one = *state(*s, "up/a").allowance;
    CHECK(one.subject == route::Subject::deployment);
    REQUIRE(one.limits.size() == 1);
    CHECK(one.limits[0].most == 4);
    CHECK(one.limits[0].left == 3);
    CHECK(one.limits[0].reset_ms > 0);
    CHECK(one.used == 0.25);
    CHECK(one.in_flight == 1);
    CHECK_FALSE(state(*s, "up/b").allowance.has_value());

    const route::Limiter key(route::Subject::key, "k",
                             {{.tokens_per_day = 100, .concurrency = 2}, {10, route::Period::total}});
    const Allowance all = allowance(key, kNow);
    REQUIRE(all.limits.size() == 3);
    CHECK(all.limits[2].limit == route::Limit::budget);
    CHECK(all.limits[2].left == 10);
    CHECK(all.limits[2].reset_ms == -1);
    CHECK(all.used == 0);
    const route::Limiter both(route::Subject::key, "k",
                              {{.requests_per_minute = 5, .requests_per_day = 20}, {}});
    const Allowance two = allowance(both, kNow);
    REQUIRE(two.limits.size() == 2);
    CHECK(two.limits[0].most == 5);
    CHECK(two.limits[1].most == 20);
  }

  TEST_CASE("what is drained gets nothing, whether asked for by route or by name") {
    const auto s = *Snapshot::make(two_deployments());
    s->board().drain(s->board().of("up/a"), true);
    const route::Facts facts;
    const auto next = [&](std::string_view model, std::string* why = nullptr) {
      Plan plan(*s, *llm::find_dialect("openai_chat"), *find(*s, model), facts, false, [] { return 0.5; });
      bool probe = false;
      const auto route = plan.next(kNow.steady_ms, probe);
      if (why != nullptr) *why = plan.nobody(kNow.steady_ms).message;
      return route ? route->model : "none";
    };
    CHECK(next("main") == "b");
    std::string why;
    CHECK(next("up/a", &why) == "none");
    CHECK(why == "the model cannot be used now (up/a: drained)");
    CHECK(next("up/b") == "b");
    s->board().drain(s->board().of("up/a"), false);
    CHECK_FALSE(s->board().any_drained());
    CHECK(next("up/a") == "a");
  }
}
