#include "mcp/session_rules.h"

#include <doctest/doctest.h>

#include "base/limits_mcp.h"

namespace pb::mcp {
namespace {

Outcome<Revision> initialize(SessionRules& rules, std::string_view version,
                             std::string_view capabilities = "{}") {
  json::Arena arena;
  const std::string text = R"({"protocolVersion":")" + std::string(version) + R"(","capabilities":)" +
                           std::string(capabilities) + R"(,"clientInfo":{"name":"c","version":"1"}})";
  return rules.initialize(*json::parse(text, arena));
}

TEST_SUITE("mcp session rules") {
  TEST_CASE("nothing but ping before initialize, and initialize once") {
    SessionRules rules;
    CHECK(rules.begin("1", "tools/list").error().code == kInvalidRequest);
    CHECK(rules.begin("1", "ping"));
    CHECK(rules.begin("2", "initialize"));
    REQUIRE(initialize(rules, "2025-06-18"));
    rules.end("1");
    rules.end("2");
    CHECK(rules.begin("3", "initialize").error().code == kInvalidRequest);
    CHECK(rules.begin("3", "tools/list"));
    CHECK(rules.stage() == SessionRules::Stage::answered);
    rules.ready();
    CHECK(rules.stage() == SessionRules::Stage::ready);
    rules.close();
    CHECK(rules.begin("4", "ping").error().code == kInvalidRequest);
  }

  TEST_CASE("saying that one is ready before initialize changes nothing") {
    SessionRules rules;
    rules.ready();
    CHECK(rules.stage() == SessionRules::Stage::fresh);
  }

  TEST_CASE("an id may come again when its request has ended, not before") {
    SessionRules rules;
    REQUIRE(initialize(rules, "2025-11-25"));
    CHECK(rules.begin("\"a\"", "tools/list"));
    CHECK(rules.begin("\"a\"", "tools/list").error().code == kInvalidRequest);
    rules.end("\"a\"");
    CHECK(rules.begin("\"a\"", "tools/list"));
  }

  TEST_CASE("only so many requests at once") {
    SessionRules rules;
    REQUIRE(initialize(rules, "2025-11-25"));
    for (std::size_t i = 0; i < limits::kMcpCallsMax; ++i) CHECK(rules.begin(std::to_string(i), "ping"));
    CHECK(rules.begin("x", "ping").error().code == kServerError);
    rules.end("0");
    CHECK(rules.begin("x", "ping"));
  }

  TEST_CASE("the client's revision where we have it, else our newest with sessions") {
    const auto agreed = [](std::string_view asked) {
      SessionRules rules;
      return to_string(*initialize(rules, asked));
    };
    for (std::string_view r : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) CHECK(agreed(r) == r);
    CHECK(agreed("2026-07-28") == "2025-11-25");
    CHECK(agreed("1.0") == "2025-11-25");
  }

  TEST_CASE("capabilities that the revision does not have are not taken") {
    SessionRules old;
    REQUIRE(initialize(old, "2025-03-26", R"({"elicitation":{},"sampling":{}})"));
    CHECK_FALSE(old.client_can().elicitation_form);
    CHECK(old.client_can().sampling);
    SessionRules newer;
    REQUIRE(initialize(newer, "2025-06-18", R"({"elicitation":{}})"));
    CHECK(newer.client_can().elicitation_form);
  }

  TEST_CASE("initialize without what it must have") {
    json::Arena arena;
    for (std::string_view text :
         {R"({})", R"({"protocolVersion":5,"capabilities":{},"clientInfo":{"name":"a","version":"1"}})",
          R"({"protocolVersion":"2025-06-18","clientInfo":{"name":"a","version":"1"}})",
          R"({"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a"}})"}) {
      SessionRules rules;
      CHECK(rules.initialize(*json::parse(text, arena)).error().code == kInvalidParams);
      CHECK(rules.stage() == SessionRules::Stage::fresh);
    }
  }

  TEST_CASE("questions are answered once") {
    SessionRules rules;
    const Id id = rules.ask();
    CHECK(rules.ask() != id);
    CHECK_FALSE(rules.answered("99"));
    CHECK(rules.answered(id));
    CHECK_FALSE(rules.answered(id));
  }

  TEST_CASE("watched resources are counted") {
    SessionRules rules;
    for (std::size_t i = 0; i < limits::kMcpSubscriptionsMax; ++i)
      CHECK(rules.subscribe("r:" + std::to_string(i)));
    CHECK_FALSE(rules.subscribe("one more"));
    CHECK(rules.subscribe("r:1"));
    rules.unsubscribe("r:1");
    CHECK_FALSE(rules.watches("r:1"));
    CHECK(rules.subscribe("one more"));
  }
}

}  // namespace
}  // namespace pb::mcp
