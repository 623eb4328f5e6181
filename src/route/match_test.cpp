#include <doctest/doctest.h>

#include "route/select.h"

using namespace pb::route;

TEST_SUITE("route rules") {
  TEST_CASE("every condition must hold, and the first rule that does counts") {
    std::vector<Rule> rules(3);
    rules[0].model = "gpt-*";
    rules[0].path = "/v1/messages";
    rules[1].model = "gpt-5";
    rules[2].use = "rest";
    Facts facts;
    facts.model = "gpt-5";
    facts.path = "/v1/messages";
    CHECK(match(rules, facts) == &rules[0]);
    facts.path = "/v1/chat/completions";
    CHECK(match(rules, facts) == &rules[1]);
    facts.model = "gpt-50";
    CHECK(match(rules, facts) == &rules[2]);
    CHECK(match(std::span(rules).first(2), facts) == nullptr);
    CHECK(why_not(rules[0], facts) == "the path is /v1/chat/completions, not /v1/messages");
    CHECK(why_not(rules[1], facts) == "the model is gpt-50, not gpt-5");
    CHECK(why_not(rules[2], facts) == "");
  }

  TEST_CASE("keys, teams, tags and headers") {
    Rule rule;
    Facts facts;
    rule.key = "ci";
    CHECK(why_not(rule, facts) == "the key is not given, not ci");
    facts.key = "ci";
    CHECK(why_not(rule, facts) == "");
    rule.team = "red";
    facts.team = "blue";
    CHECK(why_not(rule, facts) == "the team is blue, not red");
    facts.team = "red";
    rule.tag = "batch";
    CHECK(why_not(rule, facts) == "the tag batch is not asked for");
    facts.tags = {"eu", "batch"};
    CHECK(why_not(rule, facts) == "");
    rule.headers = {{"x-team", "a"}, {"x-any", ""}};
    CHECK(why_not(rule, facts) == "the header x-team is not given, not a");
    facts.header = [](std::string_view name) -> std::string_view { return name == "x-team" ? "a" : ""; };
    CHECK(why_not(rule, facts) == "the header x-any is not there");
    facts.header = [](std::string_view name) -> std::string_view { return name == "x-team" ? "b" : "1"; };
    CHECK(why_not(rule, facts) == "the header x-team is b, not a");
    facts.header = [](std::string_view name) -> std::string_view { return name == "x-team" ? "a" : "1"; };
    CHECK(why_not(rule, facts) == "");
  }

  TEST_CASE("sizes") {
    Rule rule;
    Facts facts;
    rule.tokens_over = 100;
    rule.tokens_under = 200;
    facts.tokens = 100;
    CHECK(why_not(rule, facts) == "about 100 tokens, not over 100");
    facts.tokens = 101;
    CHECK(why_not(rule, facts) == "");
    facts.tokens = 200;
    CHECK(why_not(rule, facts) == "about 200 tokens, not under 200");
  }

  TEST_CASE("thinking, pictures and tools") {
    Rule rule;
    Facts facts;
    rule.thinking = true;
    CHECK(why_not(rule, facts) == "the model is not asked to think");
    facts.needs = kReasoning;
    CHECK(why_not(rule, facts) == "");
    rule.images = true;
    CHECK(why_not(rule, facts) == "there are no pictures");
    facts.needs |= kVision;
    rule.tool = "web_search*";
    CHECK(why_not(rule, facts) == "no tool web_search* is offered");
    const auto holds = [&](std::string_view tools) {
      facts.tools = tools;
      return why_not(rule, facts).empty();
    };
    CHECK(holds(
        R"([{"name":"Bash","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"w"}])"));
    CHECK(holds(R"([{"type":"function","function":{"parameters":{},"name":"web_search"}}])"));
    CHECK(holds(R"([{"functionDeclarations":[{"name":"a"},{"name":"web_search"}]}])"));
    CHECK_FALSE(
        holds(R"([{"name":"Bash","description":"web_search","input_schema":{"name":"web_search"}}])"));
    CHECK_FALSE(holds(R"([{"type":"function","function":{"name":"a","parameters":{"name":"web_search"}}}])"));
    CHECK_FALSE(holds(R"([3, "web_search", {"name": )"));
    rule.tool = "googleSearch";
    CHECK(holds(R"([{"googleSearch":{}}])"));
  }

  TEST_CASE("a night belongs to the day on which it begins") {
    Rule rule;
    rule.from_minute = 22 * 60;
    rule.to_minute = 6 * 60;
    rule.weekdays = 1u << 4;  // Friday
    Facts facts;
    const auto holds = [&](int day, int hour, int minute) {
      facts.weekday = day;
      facts.minute_of_day = hour * 60 + minute;
      return why_not(rule, facts).empty();
    };
    CHECK_FALSE(holds(4, 21, 59));
    CHECK(holds(4, 22, 0));
    CHECK(holds(5, 5, 59));
    CHECK_FALSE(holds(5, 6, 0));
    CHECK_FALSE(holds(4, 3, 0));
    CHECK(why_not(rule, facts) == "it is fri 03:00, not 22:00-06:00 on fri");
    rule.weekdays = 1u << 6;  // Sunday, into Monday
    CHECK(holds(0, 1, 0));
    rule.weekdays = 0;
    CHECK(holds(2, 1, 0));
    rule.from_minute = 9 * 60;
    rule.to_minute = 17 * 60;
    CHECK(holds(2, 9, 0));
    CHECK_FALSE(holds(2, 17, 0));
    rule.from_minute = -1;
    rule.weekdays = 3;
    CHECK(holds(1, 0, 0));
    CHECK_FALSE(holds(2, 0, 0));
    CHECK(why_not(rule, facts) == "it is wed 00:00, not mon, tue");
  }
}
