// Names of models, and what belongs to the requests that they lead to.
#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb::config;

namespace {

Loaded read(const std::string& text) {
  Environment none;
  none.get = [](const std::string&) { return std::nullopt; };
  return load_text(text, "f.yaml", none);
}

std::string mistakes(const Loaded& loaded) {
  std::string out;
  for (const Mistake& m : loaded.mistakes) out += m.text() + "\n";
  return out;
}
std::string mistakes(const std::string& text) { return mistakes(read(text)); }

const Provider& provider(const Loaded& loaded, std::string_view name) {
  for (const Provider& p : loaded.config.providers)
    if (p.name == name) return p;
  FAIL("no provider " << name);
  return loaded.config.providers.front();
}

}  // namespace

TEST_SUITE("config models") {
  TEST_CASE("names that lead elsewhere for thinking, and names that end in a star") {
    const std::string providers =
        "providers: {up: {base_url: \"http://h/v1\", type: custom}, ant: {type: anthropic}}\n";
    const Loaded l =
        read(providers +
             "models:\n  main: {use: up/fast, thinking: ant/deep}\n  \"claude-*\": ant/claude-*\n"
             "  \"*\": {use: up/x, thinking: up/*}\ndefault_model: claude-5\n");
    REQUIRE(mistakes(l) == "");
    REQUIRE(l.config.models.size() == 3);
    CHECK(l.config.models[0].thinking->provider == 1);
    CHECK(l.config.models[0].thinking->model == "deep");
    CHECK(l.config.models[1].name == "claude-*");
    CHECK_FALSE(l.config.models[1].thinking.has_value());
    CHECK(l.config.models[2].thinking->model == "*");
    CHECK(mistakes(
              providers +
              "models:\n  a: {thinking: up/x}\n  b: {use: up/x, thinking: upp/y}\n  c*d: up/x\n  e: up/x*\n"
              "  f: {use: up/x, thinkin: up/y}\n  g: {use: up/x, thinking: [1]}\n") ==
          "f.yaml:3:3: models.a: `use: provider/model` is missing\n"
          "f.yaml:4:28: models.b.thinking: no provider is named `upp`; did you mean `up`?\n"
          "f.yaml:5:3: models.c*d: a `*` may stand at the end of a name only\n"
          "f.yaml:6:6: models.e: a `*` here stands for what the name's `*` does, and `e` has none\n"
          "f.yaml:7:18: models.f.thinkin: unknown key; did you mean `thinking`?\n"
          "f.yaml:8:28: models.g.thinking: expected provider/model, found a list\n");
    CHECK(mistakes(providers + "models: {\"gpt-*\": up/x}\ndefault_model: claude-5\n") ==
          "f.yaml:3:16: default_model: no model is named `claude-5`; add it under `models` or write "
          "provider/model\n");
  }

  TEST_CASE("what a provider will not have") {
    const Loaded l = read(
        "providers: {up: {base_url: \"http://h/v1\", type: custom, exclude_tools: [BatchTool, mcp__*], "
        "strip_schema_formats: uri}}");
    REQUIRE(mistakes(l) == "");
    CHECK(provider(l, "up").tool_rules.exclude_tools == std::vector<std::string>{"BatchTool", "mcp__*"});
    CHECK(provider(l, "up").tool_rules.strip_schema_formats == std::vector<std::string>{"uri"});
    CHECK(provider(read("providers: {up: {base_url: \"http://h/v1\", type: custom}}"), "up")
              .tool_rules.empty());
  }

  TEST_CASE("the loop guard is off, or leaves room for retries") {
    CHECK(read("server: {loop_guard: 0}").config.server.loop_guard == 0);
    CHECK(read("server: {loop_guard: 10}").config.server.loop_guard == 10);
    CHECK(read("").config.server.loop_guard == 60);
    CHECK(mistakes("server: {loop_guard: 9}") ==
          "f.yaml:1:22: server.loop_guard: must be 0 (off) or at least 10: SDKs send a request that failed "
          "again up to six times\n");
  }
}
