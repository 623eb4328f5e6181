#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb;
using namespace pb::config;

namespace {

Loaded load(const std::string& text) {
  Environment env;
  env.get = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  return load_text(text, "f.yaml", env);
}

std::string mistake(const std::string& text) {
  const Loaded loaded = load(text);
  return loaded.mistakes.empty() ? "none" : loaded.mistakes.front().text();
}

constexpr const char* kUp = "providers: {up: {type: custom, base_url: 'http://127.0.0.1:1/v1'}}\n";

}  // namespace

TEST_SUITE("config limits") {
  TEST_CASE("limits of keys, teams and providers") {
    const Loaded loaded = load(R"(
limits: {requests_per_minute: 60, tokens_per_day: 1000000}
budget: {amount: 2.5, per: day}
teams:
  search: {limits: {concurrency: 4}, budget: {amount: 50}, models: [fast, "up/*"]}
  empty:
providers:
  up: {type: custom, base_url: "http://127.0.0.1:1/v1", limits: {requests_per_day: 7}, budget: {amount: 1, per: total}, queue: 5s}
alerts: {budget: [0.5, 90%], webhook: "http://127.0.0.1:2/hook"}
)");
    for (const Mistake& m : loaded.mistakes) MESSAGE(m.text());
    REQUIRE(loaded.mistakes.empty());
    const Config& c = loaded.config;
    CHECK(c.limits.limits() ==
          route::Limits{{.requests_per_minute = 60, .tokens_per_day = 1'000'000}, {2.5, route::Period::day}});
    CHECK(c.teams.at("search").limits.limits() ==
          route::Limits{{.concurrency = 4}, {50, route::Period::month}});
    CHECK(c.teams.at("search").models == std::vector<std::string>{"fast", "up/*"});
    CHECK(c.teams.at("empty").limits.limits().empty());
    CHECK(c.providers.front().limits.limits() ==
          route::Limits{{.requests_per_day = 7}, {1, route::Period::total}});
    CHECK(c.providers.front().queue_ms == 5000);
    CHECK(c.alerts.shares() == std::vector<double>{0.5, 0.9});
    CHECK(c.alerts.webhook == "http://127.0.0.1:2/hook");
  }

  TEST_CASE("mistakes are named with file, line and path") {
    const std::string up = kUp;
    CHECK(mistake(up + "teams:\n  a: {limit: {}}\n")
              .starts_with("f.yaml:3:7: teams.a.limit: unknown key; did you mean `limits`?"));
    CHECK(mistake(up + "teams:\n  a: {budget: {amount: -1}}\n")
              .starts_with("f.yaml:3:24: teams.a.budget.amount: must not be negative"));
    CHECK(mistake(up + "teams:\n  a: {budget: {per: week}}\n")
              .contains("teams.a.budget.per: unknown value `week`"));
    CHECK(mistake(up + "teams: [a]\n").contains("teams: expected a map of teams"));
    CHECK(mistake(up + "teams: {a: 3}\n").contains("teams.a: expected a map"));
    CHECK(mistake(up + "limits: {requests_per_minute: 100, requests_per_day: 10}\n")
              .starts_with("f.yaml:2:31: limits.requests_per_minute: is more than the 10 of a whole day"));
    CHECK(mistake(up + "limits: {tokens_per_minute: 3}\n")
              .contains("limits.tokens_per_minute: no request fits into 3 tokens"));
    CHECK(mistake("providers:\n  up: {type: custom, base_url: 'http://127.0.0.1:1/v1', limits: "
                  "{tokens_per_day: 1}}\n")
              .contains("providers.up.limits.tokens_per_day: no request fits"));
    CHECK(
        mistake(up + "alerts: {budget: [150%]}\n").contains("alerts.budget: `150%` is no share of a budget"));
  }

  TEST_CASE("listening for all needs keys, however they are made") {
    const std::string all = std::string(kUp) + "server: {listen: '0.0.0.0:0'";
    CHECK(mistake(all + "}\n").contains("server.listen"));
    CHECK(mistake(all + ", require_key: always}\n") == "none");
    CHECK(mistake(all + ", keys: [a-key-of-sixteen-bytes]}\n") == "none");
    CHECK(mistake(all + ", keys: [a-key-of-sixteen-bytes], require_key: never}\n")
              .contains("server.require_key"));
  }

  TEST_CASE("the admin API's key is long, and no client's; its own address needs it") {
    CHECK(mistake("admin: {key: 0123456789abcdef, listen: \"127.0.0.1:0\"}\n") == "none");
    CHECK(mistake("admin: {key: 0123456789abcde}\n") ==
          "f.yaml:1:14: admin.key: is too short: at least 16 characters; `openssl rand -hex 32` makes one");
    CHECK(mistake("admin: {key: 0123456789abcdef}\nserver: {keys: [0123456789abcdef]}\n")
              .starts_with("f.yaml:1:14: admin.key: is one of `server.keys` too"));
    CHECK(mistake("admin: {listen: \"127.0.0.1:0\"}\n")
              .starts_with("f.yaml:1:17: admin.listen: needs `admin.key`"));
    Environment env;
    env.get = [](const std::string& name) {
      return name == "PATCHBAY_ADMIN_KEY" ? std::optional<std::string>("0123456789abcdef") : std::nullopt;
    };
    CHECK(load_text("", "", env).config.admin.key.reveal() == "0123456789abcdef");
  }
}
