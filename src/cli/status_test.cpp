#include <doctest/doctest.h>

#include <algorithm>

#include "cli/status_view.h"
#include "cli/text.h"

using namespace pb::cli;

namespace {

StatusView view() {
  StatusView v;
  v.version = "0.1.0";
  v.source = "patchbay.yaml";
  v.uptime_s = 11'520;
  v.ready = true;
  v.generation = 3;
  v.keys = 2;
  v.per_second = 12.34;
  v.in_flight = 4;
  v.answered = 1234;
  v.failed = 5;
  v.ledger = true;
  v.deployments = {{"up/slow", "open", "main", 0, 1, 2500, -1, -1, 0, 7, 8000},
                   {"up/fast", "ready", "main, spare", 12.34, 0.004, 312.4, 800, 85.1, 4, 1227, 0}};
  v.limits = {{"key", "alice", "requests_per_minute", 60, 9, 41'000}};
  v.requests = {{"12:00:01", 200, 1500, 20, "up", "fast", "main", "alice", "", 1520.5, 310}};
  return v;
}

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    most = std::max(most, width(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return most;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_SUITE("status") {
  TEST_CASE("the screen") {
    CHECK(draw_status(view(), {.columns = 120, .url = "http://127.0.0.1:8000"}) ==
          "patchbay 0.1.0  http://127.0.0.1:8000  up 3h 12m\n"
          "config patchbay.yaml, version 3, 2 keys\n"
          "12.3 requests/s, 4 under way, 1,234 answered, 5 failed\n"
          "\n"
          "DEPLOYMENT  STATE    REQ/S  OPEN  ERRORS   FIRST    P95  TOK/S  ANSWERED  ROUTES\n"
          "up/slow     open 8s    0.0     0  100.0%  2500ms      -      -         7  main\n"
          "up/fast     ready     12.3     4    0.4%   312ms  800ms     85     1,227  main, spare\n"
          "\n"
          "LIMIT NEARLY USED UP  OF         USED  LEFT  MOST  RESETS\n"
          "requests_per_minute   key alice   85%     9    60  in 41s\n"
          "\n"
          "TIME      STATUS  MODEL    ROUTE  KEY       IN  OUT  FIRST   TOTAL  ERROR\n"
          "12:00:01     200  up/fast  main   alice  1,500   20  310ms  1520ms\n");
  }

  TEST_CASE("no line is wider than the terminal, and what matters stays") {
    StatusView v = view();
    v.source = std::string(300, 'x');
    v.refused = std::string(300, 'y');
    v.deployments[0].id = "provider/" + std::string(200, 'm');
    v.requests[0].error = std::string(80, 'e');
    for (const std::size_t columns : {30u, 40u, 60u, 80u, 100u, 200u}) {
      const std::string text = draw_status(v, {.columns = columns, .trouble = std::string(300, 'z')});
      CHECK_MESSAGE(widest(text) <= std::max<std::size_t>(columns, 45), columns);
      CHECK_MESSAGE(text.contains("open 8s"), columns);
      CHECK_MESSAGE(text.contains("…"), columns);
    }
    CHECK_FALSE(draw_status(v, {.columns = 60}).contains("ROUTES"));
    CHECK(draw_status(v, {.columns = 200}).contains("ROUTES"));
  }

  TEST_CASE("no more lines than the terminal has; each part keeps one") {
    StatusView v = view();
    v.deployments.resize(50, v.deployments[1]);
    v.limits.resize(50, v.limits[0]);
    v.requests.resize(50, v.requests[0]);
    for (const std::size_t most : {16u, 24u, 50u}) {
      const std::string text = draw_status(v, {.columns = 100, .lines = most});
      CHECK_MESSAGE(lines(text) <= most, most);
      CHECK_MESSAGE(text.contains("TIME"), most);
      CHECK_MESSAGE(text.contains(" more\n"), most);
    }
    CHECK(lines(draw_status(v, {.columns = 100})) > 150);
  }

  TEST_CASE("colours only where asked for; names cannot steer the terminal") {
    StatusView v = view();
    v.requests[0].model = "h\x1b[2Jm";
    v.requests[0].status = 503;
    CHECK_FALSE(draw_status(v, {.columns = 120}).contains('\x1b'));
    const std::string text = draw_status(v, {.columns = 120, .colour = true});
    CHECK(text.contains("\x1b[31mopen 8s\x1b[0m"));
    CHECK(text.contains("\x1b[32mready\x1b[0m"));
    CHECK(text.contains("\x1b[31m503\x1b[0m"));
    CHECK_FALSE(text.contains("\x1b[2J"));
  }

  TEST_CASE("trouble is told: a refused configuration, a ledger that cannot write, no answer") {
    StatusView v = view();
    v.refused = "f.yaml:1:1: nonsense";
    v.ledger_ok = false;
    v.ready = false;
    const std::string text = draw_status(v, {.columns = 120, .trouble = "refused"});
    CHECK(text.contains("newer configuration refused: f.yaml:1:1: nonsense\n"));
    CHECK(text.contains("the ledger's database cannot be written\n"));
    CHECK(text.contains("no answer: refused\n"));
    CHECK(text.contains("stopping\n"));
  }

  TEST_CASE("the answers are read: trouble first, the most used limit first") {
    const auto v = read_status(
        {R"({"version":"1","uptime_s":5.5,"ready":true,"simulator":false,"config":{"source":"f","generation":2,"refused":null},"ledger":null,"keys":1,"in_flight":1,"answered":2,"failed":0,"per_second":0.5})",
         R"({"data":[{"id":"a/ok","state":"ready","routes":[{"route":"m"},{"route":"n"}],"last_minute":{"error_rate":null},"first_token_ms":12.5,"breaker":{"retry_in_ms":0},"cooling_ms":0},
                     {"id":"a/no","state":"open","routes":[],"last_minute":{"error_rate":0.5},"breaker":{"retry_in_ms":900},"cooling_ms":0}],"next":null})",
         R"({"data":[{"subject":"key","name":"k","limits":[{"limit":"budget","most":10,"left":4,"resets_in_ms":null},{"limit":"concurrency","most":2,"left":1,"resets_in_ms":0}]},
                     {"subject":"team","name":"t","limits":[{"limit":"budget","most":10,"left":0,"resets_in_ms":5}]}],"next":null})",
         R"({"data":[{"time":"2026-11-21T12:00:01.250Z","status":404,"provider":"","model":"","asked_model":"x","latency_ms":1.5,"first_token_ms":null}],"next":null})"});
    REQUIRE(v);
    CHECK(v->deployments.at(0).id == "a/no");
    CHECK(v->deployments.at(0).back_ms == 900);
    CHECK(v->deployments.at(1).routes == "m, n");
    CHECK(v->deployments.at(1).error_rate == -1);
    CHECK(v->limits.at(0).subject == "team");
    CHECK(v->limits.at(1).limit == "budget");
    CHECK(v->limits.at(1).resets_ms == -1);
    CHECK(v->requests.at(0).time == "12:00:01");
    CHECK(v->requests.at(0).model == "x");
    CHECK_FALSE(v->ledger);
    CHECK_FALSE(read_status({"{", "{}", "{}", ""}).has_value());
    CHECK(status_json({R"({"a":1})", R"({"data":[1]})", "{}", ""}) ==
          "{\"status\":{\"a\":1},\"deployments\":[1],\"limits\":null,\"requests\":null}\n");
  }

  TEST_CASE("text") {
    CHECK(fit("abcdef", 6) == "abcdef");
    CHECK(fit("abcdef", 4) == "abc…");
    CHECK(fit("äöüß", 3) == "äö…");
    CHECK(fit("abc", 0).empty());
    CHECK(span_text(59) == "59s");
    CHECK(span_text(3599) == "59m");
    CHECK(span_text(3600) == "1h");
    CHECK(span_text(200'000) == "2d 7h");
    CHECK(thousands(-1234567) == "-1,234,567");
  }
}
