#include "tools/chat/free_models.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools;

namespace {

KnownModel model(std::string name, std::int64_t context) {
  KnownModel m;
  m.name = "up/" + name;
  m.provider = "up";
  m.model = std::move(name);
  m.context = context;
  return m;
}

std::string order(const StandingOf& standing, std::vector<std::string> preferred = {}) {
  std::vector<KnownModel> all = {model("paid", 1'000'000), model("small:free", 8'000),
                                 model("large:free", 200'000), model("middle:free", 100'000)};
  std::string out;
  for (const KnownModel& m : free_order(std::move(all), standing, route::Kind::chat, preferred))
    out += (out.empty() ? "" : " ") + m.model;
  return out;
}

const StandingOf kIdle = [](const KnownModel&) { return FreeStanding(); };

}  // namespace

TEST_SUITE_BEGIN("free_models");

TEST_CASE("the best comes first, models that cost something not at all") {
  CHECK(order(kIdle) == "large:free middle:free small:free");
}

TEST_CASE("preferred ones come before, in their order") {
  CHECK(order(kIdle, {"SMALL", "middle"}) == "small:free middle:free large:free");
  CHECK(order(kIdle, {"paid"}) == "large:free middle:free small:free");
}

TEST_CASE("they take turns, and what is out of order is left out") {
  const auto busy = [](const KnownModel& m) {
    FreeStanding s;
    s.recent = m.model == "large:free" ? 4 : 0;
    s.usable = m.model != "small:free";
    return s;
  };
  CHECK(order(busy) == "middle:free large:free");
}

TEST_CASE("after five requests it counts how a model has done here") {
  FreeStanding good, bad, early;
  good.ended = bad.ended = 5;
  good.success = 1;
  bad.success = 0.1;
  early.ended = 4;
  early.success = 0.1;
  const KnownModel m = model("m:free", 100'000);
  const double unknown = free_score(m, {}, route::Kind::chat);
  CHECK(free_score(m, good, route::Kind::chat) > unknown);
  CHECK(free_score(m, bad, route::Kind::chat) < unknown);
  CHECK(free_score(m, early, route::Kind::chat) == unknown);
}

TEST_CASE("the quota") {
  config::McpFree limits;
  limits.per_day = 50;
  limits.per_minute = 20;
  CHECK(quota_fault({true, 49, 19}, limits).empty());
  CHECK(quota_fault({true, 50, 0}, limits).contains("mcp.free.per_day"));
  CHECK(quota_fault({true, 20, 20}, limits).contains("mcp.free.per_minute"));
  CHECK(quota_fault({false, 99, 99}, limits).empty());
  limits = {0, 0};
  CHECK(quota_fault({true, 1000, 1000}, limits).empty());
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_quota(w, {true, 60, 5}, {20, 50});
  w.end_object();
  CHECK(
      out ==
      R"({"quota":{"known":true,"daily_used":60,"daily_limit":50,"daily_remaining":0,"minute_used":5,"minute_limit":20,"minute_remaining":15}})");
}

TEST_SUITE_END();
