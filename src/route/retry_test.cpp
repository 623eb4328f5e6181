#include "route/retry.h"

#include <doctest/doctest.h>

#include "route/breaker.h"
#include "route/fault.h"
#include "route/live.h"

using namespace pb;
using namespace pb::route;

TEST_SUITE("route") {
  TEST_CASE("waits double, are spread, and leave room for what the provider asks") {
    Retries r;
    r.base_ms = 100;
    r.max_ms = 1000;
    CHECK(wait_ms(r, 1, 0.999, -1) == 99);
    CHECK(wait_ms(r, 2, 0.999, -1) == 199);
    CHECK(wait_ms(r, 9, 0.999, -1) == 999);
    CHECK(wait_ms(r, 60, 0.5, -1) == 500);
    CHECK(wait_ms(r, 1, 0.0, -1) == 0);
    CHECK(wait_ms(r, 1, 0.0, 700) == 700);
    CHECK(wait_ms(r, 1, 0.999, 700) == 799);
    CHECK(wait_ms(r, 1, 0.5, 1001) == -1);
  }

  TEST_CASE("a retry budget is earned by requests") {
    RetryBudget budget;
    int taken = 0;
    while (budget.take()) ++taken;
    CHECK(taken == 10);
    for (int i = 0; i < 9; ++i) budget.earn(0.1);
    CHECK_FALSE(budget.take());
    budget.earn(0.1);
    CHECK(budget.take());
    for (int i = 0; i < 100'000; ++i) budget.earn(1);
    for (taken = 0; budget.take();) ++taken;
    CHECK(taken == 100);
  }

  TEST_CASE("a breaker opens after failures in a row and closes after a probe") {
    BreakerOptions o{3, 1000, 3000};
    Breaker b;
    bool probe = false;
    for (int i = 0; i < 2; ++i) b.failed(o, 10, false, -1);
    b.succeeded(10);
    for (int i = 0; i < 2; ++i) b.failed(o, 10, false, -1);
    CHECK(b.state(10) == Breaker::State::closed);
    b.failed(o, 10, false, -1);
    CHECK(b.state(10) == Breaker::State::open);
    CHECK_FALSE(b.admit(1009, probe));
    CHECK(b.state(1010) == Breaker::State::half_open);
    CHECK(b.admit(1010, probe));
    CHECK(probe);
    CHECK_FALSE(b.admit(1011, probe));  // one at a time
    b.failed(o, 1020, false, -1);       // the probe: twice as long now
    CHECK(b.open_until_ms() == 3020);
    CHECK(b.admit(3020, probe));
    b.failed(o, 3020, false, -1);
    CHECK(b.open_until_ms() == 6020);  // at most open_max
    CHECK(b.admit(6020, probe));
    b.withdraw();
    CHECK(b.admit(6021, probe));
    CHECK(b.since_ms() == 10);  // open since then, whatever its probes do
    b.succeeded(6021);
    CHECK(b.since_ms() == 6021);
    CHECK(b.state(6021) == Breaker::State::closed);
    CHECK(b.admit(6021, probe));
    CHECK_FALSE(probe);
  }

  TEST_CASE("what happened within the last seconds") {
    RateWindow w;
    CHECK(w.sum(5'000) == 0);
    for (int i = 0; i < 3; ++i) w.add(5'500);
    w.add(6'100);
    CHECK(w.sum(6'999) == 4);
    CHECK(w.sum(6'999, 1) == 1);
    CHECK(w.sum(64'999) == 4);
    CHECK(w.sum(65'000) == 1);
    w.add(69'000);  // the slot of second 5
    CHECK(w.sum(69'000) == 1);
  }

  TEST_CASE("a breaker waits as long as the provider asked, and may open at once or never") {
    Breaker b;
    b.failed({5, 1000, 3000}, 10, true, 60'000);
    CHECK(b.open_until_ms() == 60'010);
    b.reset(20);
    CHECK(b.since_ms() == 20);
    CHECK(b.state(10) == Breaker::State::closed);
    for (int i = 0; i < 100; ++i) b.failed({0, 1000, 3000}, 10, true, -1);
    CHECK(b.state(10) == Breaker::State::closed);
  }

  TEST_CASE("a probe that never tells is given up") {
    Breaker b;
    bool probe = false;
    b.failed({1, 1000, 3000}, 0, false, -1);
    CHECK(b.admit(1000, probe));
    CHECK_FALSE(b.admit(1000 + Breaker::kProbeMs - 1, probe));
    CHECK(b.admit(1000 + Breaker::kProbeMs, probe));
  }

  TEST_CASE("faults, by what providers really answer") {
    auto of = [](Code code, int status, std::string message, std::string provider_code = "") {
      Error e;
      e.code = code;
      e.status = status;
      e.message = std::move(message);
      e.provider_code = std::move(provider_code);
      return classify(e);
    };
    CHECK(of(Code::invalid_request, 400, "messages: field required") == Fault::client);
    CHECK(of(Code::invalid_request, 400, "prompt is too long: 210000 tokens > 200000 maximum") ==
          Fault::context_too_long);
    CHECK(of(Code::invalid_request, 400, "…", "context_length_exceeded") == Fault::context_too_long);
    CHECK(of(Code::invalid_request, 400, "The response was filtered", "content_filter") ==
          Fault::content_policy);
    CHECK(of(Code::invalid_request, 400, "Your credit balance is too low to access the API") ==
          Fault::credentials);
    CHECK(of(Code::invalid_request, 400, "API key not valid. Please pass a valid API key.") ==
          Fault::credentials);
    CHECK(of(Code::rate_limited, 429, "Rate limit reached") == Fault::rate_limit);
    CHECK(of(Code::rate_limited, 429, "You exceeded your current quota", "insufficient_quota") ==
          Fault::credentials);
    CHECK(of(Code::overloaded, 529, "Overloaded") == Fault::overloaded);
    CHECK(classify(upstream_fault("connection refused")) == Fault::transient);
    CHECK(of(Code::bad_upstream, 0, "the certificate is not trusted") == Fault::permanent);
    CHECK(of(Code::not_found, 404, "no such model") == Fault::unsupported);
    CHECK(of(Code::cancelled, 0, "") == Fault::cancelled);
    CHECK(action(Fault::rate_limit).cools);
    CHECK_FALSE(action(Fault::rate_limit).counts);
    CHECK_FALSE(action(Fault::client).move_on);
    CHECK(action(Fault::client).name == "client");
    CHECK(action(Fault::permanent).name == "permanent");
  }

  TEST_CASE("means forget, peaks stay for a while") {
    Ewma mean(10), peak(10, true);
    for (Ewma* e : {&mean, &peak}) {
      CHECK_FALSE(e->known());
      e->add(100, 1000);
      CHECK(e->value() == 100);
      e->add(300, 11'000);
    }
    CHECK(mean.value() == doctest::Approx(200));
    CHECK(peak.value() == 300);
    peak.add(100, 21'000);
    CHECK(peak.value() == doctest::Approx(200));
  }

  TEST_CASE("percentiles of the newest values") {
    Window w;
    for (int i = 1; i < 20; ++i) w.add(static_cast<float>(i));
    CHECK(w.percentile(0.5) < 0);
    for (int i = 20; i <= 100; ++i) w.add(static_cast<float>(i));
    CHECK(w.percentile(0.95) == 95);
    CHECK(w.percentile(1) == 100);
    for (int i = 0; i < 128; ++i) w.add(7);
    CHECK(w.percentile(0.95) == 7);
  }

  TEST_CASE("the board keeps its entries") {
    Board board;
    Live& a = board.of("p/m");
    a.in_flight = 3;
    CHECK(&board.of("p/m") == &a);
    board.of("a/b");
    REQUIRE(board.all().size() == 2);
    CHECK(board.all()[0]->name == "a/b");
    CHECK(a.usable(0));
    a.drained = true;
    CHECK_FALSE(a.usable(0));
  }
}
