#include "tools/changes.h"

#include <doctest/doctest.h>

namespace pb::tools {
namespace {

gateway::DeploymentState deployment(std::string provider, std::string model, std::uint64_t answered,
                                    bool unhealthy = false) {
  gateway::DeploymentState d;
  d.name = provider + "/" + model;
  d.provider = std::move(provider);
  d.model = std::move(model);
  d.answered = answered;
  d.unhealthy = unhealthy;
  return d;
}

config::Config with(std::vector<std::string> providers) {
  config::Config c;
  for (std::string& name : providers) {
    config::Provider& p = c.providers.emplace_back();
    p.name = std::move(name);
    p.base_url = "http://h/v1";
  }
  return c;
}

std::string told(const std::vector<mcp::Change>& changes) {
  std::string out;
  for (const mcp::Change& c : changes) out += std::string(mcp::notification_of(c.what)) + " " + c.uri + ";";
  return out;
}
constexpr const char* kBoth =
    "notifications/resources/updated config://providers;notifications/resources/updated health://providers;";
constexpr const char* kLists =
    "notifications/resources/list_changed ;notifications/tools/list_changed "
    ";notifications/prompts/list_changed ;";

}  // namespace

TEST_SUITE("mcp changes") {
  TEST_CASE("a provider is as well as what was asked of it") {
    const std::vector<gateway::DeploymentState> all = {
        deployment("a", "x", 5),       deployment("a", "new", 0),     deployment("b", "x", 5),
        deployment("b", "y", 5, true), deployment("c", "x", 0, true), deployment("d", "x", 0)};
    CHECK(provider_health(all, "a") == "healthy");
    CHECK(provider_health(all, "b") == "degraded");
    CHECK(provider_health(all, "c") == "unhealthy");
    CHECK(provider_health(all, "d") == "unknown");
    CHECK(provider_health(all, "nobody") == "unknown");
  }

  TEST_CASE("all of them together") {
    using Words = std::vector<std::string_view>;
    CHECK(health_of_all(Words{"unknown", "unknown"}) == "unknown");
    CHECK(health_of_all(Words{"unknown", "healthy"}) == "healthy");
    CHECK(health_of_all(Words{"unhealthy", "healthy"}) == "degraded");
    CHECK(health_of_all(Words{"degraded"}) == "degraded");
    CHECK(health_of_all(Words{"unhealthy", "unhealthy"}) == "unhealthy");
  }

  TEST_CASE("a configuration that is read again tells what has changed, and nothing else") {
    config::Config one = with({"a"});
    CHECK(changes_between(one, one).empty());
    config::Config other = one;
    other.log.level = "debug";
    CHECK(changes_between(one, other).empty());
    other.providers[0].base_url = "http://elsewhere/v1";
    CHECK(told(changes_between(one, other)) == kBoth);
    CHECK(told(changes_between(one, with({"a", "b"}))) == std::string(kBoth) + kLists);
    config::Config model = one;
    model.models.push_back({"fast", 0, "x", {}});
    CHECK(told(changes_between(one, model)) == kLists);
    config::Config route = one;
    route.routes.emplace_back().name = "r";
    CHECK(told(changes_between(one, route)) == kLists);
    config::Config listed = one;
    listed.providers[0].models.push_back("m");
    CHECK(told(changes_between(listed, one)) == kLists);
    config::Config configurable = one, more = one;
    configurable.mcp.tools.configure = {"log"};
    more.mcp.tools.configure = {"log", "models"};
    CHECK(told(changes_between(one, configurable)) == "notifications/tools/list_changed ;");
    CHECK(told(changes_between(configurable, one)) == "notifications/tools/list_changed ;");
    CHECK(changes_between(configurable, more).empty());
  }
}

}  // namespace pb::tools
