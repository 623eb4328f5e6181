#include "sim/scenario.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::sim;

namespace {

llm::Request asking(llm::Str model, llm::Str text) {
  llm::Request r;
  r.model = model;
  r.format = "openai_chat";
  r.messages.emplace_back().role = llm::Role::user;
  r.messages.back().content.emplace_back().text = text;
  return r;
}

}  // namespace

TEST_SUITE_BEGIN("sim/scenario");

TEST_CASE("the first rule that fits decides") {
  const auto scenario = parse_scenario(R"(
rules:
  - model: "gpt-*"
    when: {text: weather, results: 0}
    reply:
      thinking: "hm"
      tool_calls: [{name: get_weather, arguments: {city: Paris, days: 3, note: "7"}}, {name: patch, input: "*** 7"}]
      stop: tool_use
  - when: {format: anthropic}
    reply: {text: "for Anthropic"}
  - model: limited
    reply: {as: "sim-slow-first-20ms", status: 429, retry_after: 2, message: "slow down", headers: {x-a: "1"}}
  - reply: {text: "anything else", usage: {input: 5, cache_read: 3}}
)",
                                       "s.yaml");
  REQUIRE(scenario);
  const Rule* weather = scenario->match(asking("gpt-x", "the weather?"));
  REQUIRE(weather != nullptr);
  CHECK(weather->reply.calls.at(0).arguments == R"({"city":"Paris","days":3,"note":"7"})");
  CHECK_FALSE(weather->reply.calls.at(0).custom);
  CHECK(weather->reply.calls.at(1).arguments == "*** 7");
  CHECK(weather->reply.calls.at(1).custom);
  CHECK(weather->reply.stop == llm::Stop::tool_use);
  const Rule* limited = scenario->match(asking("limited", "x"));
  CHECK(limited->behaviour->status == 429);
  CHECK(limited->behaviour->first_ms == 20);
  CHECK(limited->reply.headers.at(0).first == "x-a");
  const Rule* rest = scenario->match(asking("gpt-x", "time?"));
  CHECK(rest->reply.text == "anything else");
  CHECK(rest->reply.usage->cache_read == 3);
}

TEST_CASE("a rule may ask for a tool that the request declares") {
  const auto scenario =
      parse_scenario("rules: [{when: {tool: Bash, results: 0}, reply: {text: x}}]", "s.yaml");
  REQUIRE(scenario);
  llm::Request request = asking("a", "x");
  CHECK(scenario->match(request) == nullptr);
  request.tools.emplace_back().name = "Read";
  CHECK(scenario->match(request) == nullptr);
  request.tools.emplace_back().name = "Bash";
  CHECK(scenario->match(request) != nullptr);
}

TEST_CASE("JSON is read too, and no rule is no match") {
  const auto scenario = parse_scenario(R"({"rules": [{"model": "a", "reply": {"text": "x"}}]})", "s.json");
  REQUIRE(scenario);
  CHECK(scenario->match(asking("b", "x")) == nullptr);
  CHECK(scenario->match(asking("a", "x")) != nullptr);
}

TEST_CASE("mistakes name file, place and what is known") {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& c : {Case{"rules:\n  - when: {txt: a}\n    reply: {text: b}\n",
                             "s.yaml:2:12: rules[0].when.txt: unknown; expected one of text"},
                        Case{"rules:\n  - model: a\n", "has no reply"},
                        Case{"nothing: 1\n", "expected {rules"}, Case{"rules: [}", "s.yaml:1:9"},
                        Case{"rules: [{reply: {status: 200}}]", "rules[0].reply.status: expected 400 to 599"},
                        Case{"rules: [{reply: {as: sim-nope}}]", "sim-nope"},
                        Case{"rules: [{reply: {stop: never}}]", "rules[0].reply.stop"}}) {
    CAPTURE(c.text);
    const auto scenario = parse_scenario(c.text, "s.yaml");
    REQUIRE_FALSE(scenario);
    CHECK_MESSAGE(scenario.error().message.contains(c.expected), scenario.error().message);
  }
}

TEST_CASE("globs") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("gpt-*", "gpt-5"));
  CHECK(glob_match("*a*b", "xxaxxab"));
  CHECK_FALSE(glob_match("gpt-*", "claude"));
  CHECK_FALSE(glob_match("a", "ab"));
}

TEST_SUITE_END();
