// What is generated from the tables of options: show, schema, the reference page.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/json.h"
#include "config/load.h"
#include "config/options.h"

using namespace pb;
using namespace pb::config;

namespace {

Environment no_environment() {
  Environment env;
  env.get = [](const std::string&) { return std::nullopt; };
  return env;
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr const char* kFile = R"(
server: {listen: "127.0.0.1:1", keys: [client-key-0123456789]}
providers:
  up: {type: custom, formats: [openai_chat, anthropic], base_url: "http://h/v1", api_key: sk-abcdefghijklmnopqrstuvwxyz,
       headers: {Authorization: "Basic c2VjcmV0LXNlY3JldA==", X-Team: blue}, timeouts: {idle: 90}, query: "key=sk-abcdefghijklmnopqrstuvwxyz"}
  gq: {type: groq, api_key: short}
models: {fast: up/gpt-x, "a b": gq/openai/gpt-oss-120b, "*": {use: up/a, thinking: gq/b}}
prices: {up/gpt-x: {input: 0.25, output: 2}}
log: {modules: {net: debug}}
)";

}  // namespace

TEST_SUITE("config show") {
  TEST_CASE("show prints what is in force and no secret, as YAML and as JSON") {
    const Loaded l = load_text(kFile, "f", no_environment());
    REQUIRE(l.mistakes.empty());
    const std::string yaml = show(l.config, false), text = show(l.config, true);
    for (const std::string& out : {yaml, text}) {
      CHECK_FALSE(out.contains("bcdefghijklmnopqrstuv"));
      CHECK_FALSE(out.contains("key-0123"));
      CHECK_FALSE(out.contains("c2VjcmV0"));
      CHECK_FALSE(out.contains("short"));
      CHECK(out.contains("blue"));
    }
    json::Arena arena;
    const auto parsed = json::parse(text, arena);
    REQUIRE(parsed);
    const json::Value v = *parsed;
    CHECK(v["server"]["listen"].as_string() == "127.0.0.1:1");
    CHECK(v["server"]["keys"].items()[0].as_string() == "clie…6789");
    CHECK(v["providers"]["up"]["api_key"].as_string() == "sk-a…wxyz");
    CHECK(v["providers"]["up"]["timeouts"]["idle"].as_string() == "90s");
    CHECK(v["providers"]["gq"]["quirks"]["reasoning_field"].as_string() == "reasoning");
    CHECK(v["providers"]["gq"]["type"].as_string() == "groq");
    CHECK(v["models"]["a b"].as_string() == "gq/openai/gpt-oss-120b");
    CHECK(v["models"]["*"]["use"].as_string() == "up/a");
    CHECK(v["models"]["*"]["thinking"].as_string() == "gq/b");
    CHECK(v["prices"]["up/gpt-x"]["input"].as_double() == 0.25);
    CHECK_FALSE(v["prices"]["up/gpt-x"].has("cache_read"));
    // What it prints is itself a configuration, and printing that gives the same text.
    for (std::string out : {yaml, text}) {
      CHECK_FALSE(load_text(out, "shown", no_environment()).mistakes.empty());  // a masked key is no key
      for (std::size_t at; (at = out.find("…")) != out.npos;)
        out.replace(at, std::string_view("…").size(), "-");
      const Loaded again = load_text(out, "shown", no_environment());
      CHECK(again.mistakes.empty());
      CHECK(again.config.providers.size() == 2);
      CHECK(again.config.providers[1].quirks.max_completion_tokens);
    }
  }

  TEST_CASE(
      "every option has a line of documentation, a sound default and a name of its own in the environment") {
    Config config;
    ProviderDraft draft;
    Price price;
    std::set<std::string> variables;
    const auto check = [](const std::vector<Bound>& bounds) {
      std::set<std::string_view> paths;
      for (const Bound& b : bounds) {
        CAPTURE(b.option->path);
        CHECK(paths.insert(b.option->path).second);
        CHECK(b.option->doc.ends_with('.'));
        CHECK_FALSE(b.option->doc.contains('\n'));
        CHECK(b.option->min <= b.option->max);
        if (b.option->kind == Kind::choice) CHECK_FALSE(b.option->choices.empty());
        if (const int* const* n = std::get_if<int*>(&b.ref); n != nullptr && b.option->min != b.option->max) {
          CHECK(**n >= b.option->min);
          CHECK(**n <= b.option->max);
        }
      }
    };
    check(bind(config));
    check(bind(draft));
    check(bind(price));
    RouteDraft route;
    DeploymentDraft deployment;
    RuleDraft rule;
    check(bind(route));
    check(bind(deployment));
    check(bind(rule));
    for (const Bound& b : bind(config)) CHECK(variables.insert(environment_name(b.option->path)).second);
    CHECK(environment_name("server.listen") == "PATCHBAY_SERVER_LISTEN");
    CHECK(environment_name("providers.my-up.api_key") == "PATCHBAY_PROVIDERS_MY_UP_API_KEY");
  }

  TEST_CASE("the schema is JSON and knows every option") {
    const std::string text = schema_json();
    json::Arena arena;
    const auto parsed = json::parse(text, arena);
    REQUIRE(parsed);
    const json::Value v = *parsed;
    CHECK(v["$schema"].as_string() == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(v["additionalProperties"].as_bool(true));
    const auto find = [](json::Value at, std::string_view path) {
      for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
        at = at["properties"][path.substr(0, dot)];
        path.remove_prefix(dot + 1);
      }
      return at["properties"][path];
    };
    Config config;
    ProviderDraft draft;
    for (const Bound& b : bind(config))
      CHECK_MESSAGE(find(v, b.option->path)["description"].as_string() == b.option->doc, b.option->path);
    const json::Value provider = v["properties"]["providers"]["additionalProperties"]["anyOf"].items()[0];
    for (const Bound& b : bind(draft))
      CHECK_MESSAGE(find(provider, b.option->path)["description"].as_string() == b.option->doc,
                    b.option->path);
    const json::Value route = v["properties"]["routes"]["additionalProperties"];
    RouteDraft route_draft;
    for (const Bound& b : bind(route_draft))
      CHECK_MESSAGE(find(route, b.option->path)["description"].as_string() == b.option->doc, b.option->path);
    const json::Value rule = v["properties"]["rules"]["items"];
    RuleDraft rule_draft;
    for (const Bound& b : bind(rule_draft))
      CHECK_MESSAGE(find(rule, b.option->path)["description"].as_string() == b.option->doc, b.option->path);
    const json::Value deployment = route["properties"]["deployments"]["items"]["anyOf"].items()[1];
    CHECK(find(deployment, "limits.concurrency")["anyOf"].items()[0]["type"].as_string() == "integer");
    CHECK(find(v, "server.ping_after")["anyOf"].items()[0]["minimum"].as_double() == 0.1);
    CHECK(find(v, "log.level")["default"].as_string() == "info");
  }

  TEST_CASE("docs/configuration.md is what the tables say") {
    const std::string path = PATCHBAY_SOURCE_DIR "/docs/configuration.md";
    const char* golden = std::getenv("PATCHBAY_GOLDEN");
    if (golden != nullptr && std::string_view(golden) == "write") std::ofstream(path) << reference_page();
    CHECK(file_text(path) == reference_page());
  }

  TEST_CASE("the example file loads") {
    const std::string path = PATCHBAY_SOURCE_DIR "/patchbay.example.yaml";
    const Loaded l = load(path, no_environment());
    for (const Mistake& m : l.mistakes) CHECK_MESSAGE(false, m.text());
    CHECK(l.config.providers.size() >= 3);
    CHECK(l.config.models.size() >= 2);
    CHECK(l.config.default_model == "fast");
  }
}
