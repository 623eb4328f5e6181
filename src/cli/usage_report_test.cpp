#include "cli/usage_report.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>

#include "base/json.h"
#include "base/when.h"
#include "store/usage_json.h"

using namespace pb;
using namespace pb::cli;
using pb::store::total_of;
using pb::store::UsageSum;

TEST_SUITE_BEGIN("usage report");

namespace {

// Local time is that of `zone` while it lives.
class Zone {
 public:
  explicit Zone(const char* zone) {
    if (const char* old = ::getenv("TZ")) old_ = old;
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~Zone() {
    if (old_.empty())
      ::unsetenv("TZ");
    else
      ::setenv("TZ", old_.c_str(), 1);
    ::tzset();
  }

 private:
  std::string old_;
};

std::vector<UsageSum> rows() {
  UsageSum a;
  a.provider = "openai";
  a.model = "gpt-5.4";
  a.requests = 1'234;
  a.errors = 3;
  a.input = 1'234'567;
  a.output = 999;
  a.cost = 1234.5;
  a.latency_us_avg = 1500;
  a.latency_us_p50 = 1000;
  a.latency_us_p99 = 2'345'678;
  a.first_token_us_avg = 250;
  UsageSum b;
  b.provider = "local";
  b.model =
      "h\xC3\xA9\x1b[2J\xC2\x9B"
      "1m";
  b.requests = 1;
  b.cost_unknown = 1;
  b.estimated = 1;
  b.input = 7;
  return {a, b};
}

}  // namespace

TEST_CASE("times") {
  const Zone zone("UTC");
  const std::int64_t now = 1'795'176'000'000;  // 2026-11-20 12:00
  CHECK(parse_when("", now, false) == 0);
  CHECK(parse_when("90m", now, false) == now - 5'400'000);
  CHECK(parse_when("12h", now, false) == now - 43'200'000);
  CHECK(parse_when("7d", now, true) == now - 604'800'000);
  CHECK(parse_when("2w", now, false) == now - 1'209'600'000);
  CHECK(parse_when("2026-11-20", now, false) == now - 43'200'000);
  CHECK(parse_when("2026-11-20", now, true) == now + 43'200'000);
  CHECK(parse_when("2026-12-31", now, true).value() == parse_when("2027-01-01", now, false).value());
  for (const char* bad : {"7", "d", "7x", "7dd", "-7d", "2026-11", "2026-11-", "2026-13-01", "2026-02-30",
                          "2026-11-20x", "2026-11-20-1", "yesterday", "99999999999999999999d"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_when(bad, now, false));
  }
}

TEST_CASE("a day is local and may be short") {
  const Zone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto begin = parse_when("2026-03-29", 0, false), end = parse_when("2026-03-29", 0, true);
  REQUIRE(begin);
  REQUIRE(end);
  CHECK(*end - *begin == 23 * 3'600'000);
}

TEST_CASE("table") {
  const auto all = rows();
  UsageSum everything;
  everything.latency_us_p50 = 7000;
  const std::string text = usage_table({"model", "provider"}, all, total_of(all, {everything}));
  CHECK(
      text ==
      "provider  model      requests  errors       input  output  cached in  cache writes  reasoning       "
      "cost $  avg ms  p50 ms  p99 ms  first token ms\n"
      "openai    gpt-5.4       1,234       3   1,234,567     999          0             0          0   "
      "1,234.5000     1.5     1.0   2,346             0.2\n"
      "local     h\xC3\xA9?[2J?1m         1       0          ~7      ~0          0             0          0 "
      "           ?     0.0     0.0     0.0               -\n"
      "total                   1,235       3  ~1,234,574    ~999          0             0          0  "
      "1,234.5000+     0.0     7.0     0.0               -\n");
}

TEST_CASE("table without groups is the totals alone") {
  UsageSum sum;
  sum.requests = 5;
  const std::string text = usage_table({}, {sum}, total_of({sum}, {sum}));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find("       5") != std::string::npos);
}

TEST_CASE("JSON") {
  const auto all = rows();
  pb::json::Arena arena;
  const std::string text = usage_json("/data/x.db", {"model"}, all, total_of(all, {}));
  const auto parsed = pb::json::parse(text, arena);
  REQUIRE(parsed);
  const auto& v = *parsed;
  CHECK(v["database"].as_string() == "/data/x.db");
  REQUIRE(v["rows"].size() == 2);
  const auto first = v["rows"].items()[0];
  CHECK(first["model"].as_string() == "gpt-5.4");
  CHECK_FALSE(first.has("provider"));
  CHECK(first["input"].as_int() == 1'234'567);
  CHECK(first["cost"].as_double() == 1234.5);
  CHECK(first["latency_us_p99"].as_int() == 2'345'678);
  CHECK(first["first_token_us_avg"].as_int() == 250);
  CHECK(v["rows"].items()[1]["first_token_us_avg"].is_null());
  CHECK(v["rows"].items()[1].has("first_token_us_avg"));
  CHECK(v["total"]["requests"].as_int() == 1'235);
  CHECK(v["total"]["cost_unknown"].as_int() == 1);
  CHECK(v["total"]["estimated"].as_int() == 1);
}

TEST_SUITE_END();
