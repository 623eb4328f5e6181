#include "cli/route_explain.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/load.h"

using namespace pb;
using namespace pb::cli;

namespace {

config::Config configuration(const std::string& text) {
  config::Environment none;
  none.get = [](const std::string&) { return std::nullopt; };
  config::Loaded loaded = config::load_text(text, "f.yaml", none);
  for (const config::Mistake& m : loaded.mistakes) FAIL(m.text());
  return std::move(loaded.config);
}

constexpr const char* kConfig = R"(
providers: {a: {type: custom, base_url: "http://h/v1"}, b: {type: anthropic}, s: {type: sim}}
models: {small: a/s}
routes:
  main:
    sticky: user
    deployments: [{use: a/codestral, priority: 2}, {use: b/claude-opus-5, tags: [eu]}, {use: a/x, weight: 0, tags: [eu]}]
    fallbacks: [gpt-4, small, b/y]
  gpt-*: {strategy: cheapest, deployments: [a/gpt-*], fallbacks: [s/echo]}
rules:
  - {name: team, when: {header: {x-team: red}, path: /v1/*}, use: gpt-5}
)";

ExplainRequest request(const std::string& body) {
  ExplainRequest out;
  out.body = body;
  return out;
}

}  // namespace

TEST_SUITE("route explain") {
  TEST_CASE("every step has a line") {
    ExplainRequest asked = request(
        R"({"model":"main","max_tokens":100,"tools":[{"name":"f"}],"messages":[{"role":"user","content":[)"
        R"({"type":"image_url","image_url":{"url":"data:x"}},{"type":"text","text":"Hello there, friend."}]}]})");
    asked.headers = {{"X-Patchbay-Tags", "eu"}};
    const auto text = explain(configuration(kConfig), asked);
    REQUIRE(text);
    CHECK(*text ==
          "request: about 1008 tokens, at most 100 for the answer; needs tools, vision; tag eu\n"
          "rule team: no, the header x-team is not given, not red\n"
          "model main: a route\n"
          "strategy priority, sticky by user (this request has none)\n"
          "1. b/claude-opus-5: priority 1\n"
          "2. a/x: priority 1; weight 0: when nothing else is usable\n"
          "-  a/codestral: no, has no tag eu\n"
          "fallback gpt-4: the route `gpt-*`\n"
          "  strategy cheapest\n"
          "  1. a/gpt-4: price not known\n"
          "  fallback s/echo: provider/model\n"
          "fallback small: a name of `models`\n"
          "fallback b/y: provider/model\n");
  }

  TEST_CASE("rules lead elsewhere, models need no route") {
    ExplainRequest asked = request(R"({"model":"main","messages":[]})");
    asked.headers = {{"x-team", "red"}};
    const auto ruled = explain(configuration(kConfig), asked);
    REQUIRE(ruled);
    CHECK(ruled->contains(
        "rule team: yes, it leads to gpt-5\nmodel gpt-5: the route `gpt-*`\nstrategy cheapest\n"
        "1. a/gpt-5: "));
    asked.path = "/other";
    CHECK(explain(configuration(kConfig), asked)->contains("rule team: no, the path is /other, not /v1/*\n"));
    CHECK(explain(configuration(kConfig), request(R"({"model":"small"})"))
              ->ends_with("model small: a name of `models`\n1. a/s\n"));
    CHECK(explain(configuration(kConfig), request(R"({"model":"who"})"))
              ->ends_with("model who: nothing here has that name\n"));
    CHECK(explain(configuration(kConfig), request("{}"))
              ->ends_with("no model is named: nothing here has that name\n"));
    ExplainRequest gemini = request("{\"contents\": []}");
    gemini.path = "/v1beta/models/small:generateContent";
    CHECK(explain(configuration(kConfig), gemini)->ends_with("model small: a name of `models`\n1. a/s\n"));
    CHECK_FALSE(explain(configuration(kConfig), request("[]")).has_value());
  }

  TEST_CASE("the configuration of docs/routing.md loads") {
    std::ifstream in(PATCHBAY_SOURCE_DIR "/docs/routing.md");
    std::stringstream page;
    page << in.rdbuf();
    const std::string text = page.str();
    const auto from = text.find("```yaml\n"), to = text.find("```", from + 8);
    REQUIRE(to != text.npos);
    const config::Config config = configuration(text.substr(from + 8, to - from - 8));
    CHECK(config.routes.size() == 3);
    CHECK(config.rules.size() == 4);
  }
}
