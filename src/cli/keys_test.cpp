#include <doctest/doctest.h>

#include "cli/keys_report.h"

using namespace pb;
using namespace pb::cli;

namespace {

constexpr std::int64_t kNow = 1'795'262'400'000;  // 2026-11-21T12:00:00Z

}  // namespace

TEST_SUITE("keys") {
  TEST_CASE("times") {
    CHECK(parse_span("30m").value_or(-1) == 1'800'000);
    CHECK(parse_span("2w").value_or(-1) == 14 * 86'400'000);
    for (const char* wrong : {"", "5", "-5h", "1y", "h", "99999999d", "1h "})
      CHECK_MESSAGE(!parse_span(wrong).has_value(), wrong);
    CHECK(parse_expiry("never", kNow).value_or(-1) == 0);
    CHECK(parse_expiry("1d", kNow).value_or(-1) == kNow + 86'400'000);
    CHECK(*parse_expiry("2026-12-31", kNow) > kNow);
    CHECK_FALSE(parse_expiry("2026-01-31", kNow).has_value());
  }

  TEST_CASE("changes: what is not given stays, empty takes away") {
    store::VirtualKey key;
    KeyChanges all;
    all.team = "search";
    all.models = "fast, openai/*,";
    all.tools = "read_*";
    all.requests_per_minute = 60;
    all.tokens_per_day = 7;
    all.concurrency = 3;
    all.budget = 5;
    all.per = "day";
    all.expires = "1d";
    all.metadata = {"owner=a=b", "x=y"};
    REQUIRE(apply(all, kNow, key).has_value());
    CHECK(key.models == std::vector<std::string>{"fast", "openai/*"});
    CHECK(key.limits.rates.concurrency == 3);
    CHECK(key.limits.budget == route::Budget{5, route::Period::day});
    CHECK(key.metadata.front().second == "a=b");
    KeyChanges some;
    some.models = "";
    some.metadata = {"x="};
    REQUIRE(apply(some, kNow, key).has_value());
    CHECK(key.models.empty());
    CHECK(key.metadata.size() == 1);
    CHECK(key.team == "search");
    CHECK(key.limits.rates.requests_per_minute == 60);
    CHECK(key.expires_ms == kNow + 86'400'000);

    KeyChanges wrong;
    wrong.metadata = {"=x"};
    CHECK_FALSE(apply(wrong, kNow, key).has_value());
    KeyChanges no_budget;
    no_budget.per = "day";
    store::VirtualKey fresh;
    CHECK(apply(no_budget, kNow, fresh).error().message.contains("--budget"));
  }

  TEST_CASE("what is printed") {
    store::VirtualKey key;
    key.name = "alice";
    key.prefix = "pb-Ab3d…x9Qz";
    key.limits.rates.requests_per_minute = 60;
    key.limits.budget = {2.5, route::Period::month};
    key.expires_ms = kNow;
    const std::string table = keys_table({key}, kNow);
    CHECK(table.contains(
        "alice  pb-Ab3d…x9Qz  expired  -     all     60 rpm  $2.5000/month  2026-11-21T12:00:00Z  -"));
    CHECK(key_text(key, kNow - 1).contains("state             active\n"));
    const std::string text = key_json(key, kNow, "pb-secret");
    CHECK(text.contains(R"("key":"pb-secret")"));
    CHECK(text.contains(R"("budget":{"amount":2.5,"per":"month"})"));
    CHECK(text.contains(R"("revoked":null)"));
    CHECK_FALSE(keys_json({key}, kNow).contains("pb-secret"));
  }
}
