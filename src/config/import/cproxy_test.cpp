#include <doctest/doctest.h>

#include <map>
#include <string>

#include "config/import/import.h"
#include "config/node.h"

using namespace pb::config;

namespace {

using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables = {}) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return env;
}

Imported from_file(const std::string& text) { return import_cproxy({"c.json", text, false}, environment()); }
Imported from_environment(const Variables& variables, const std::string& file = "") {
  return import_cproxy({file.empty() ? "" : "c.json", file, true}, environment(variables));
}

// The new file without its comments.
std::string body(const Imported& i) {
  std::string out;
  for (std::size_t at = 0, end; at < i.yaml.size(); at = end + 1) {
    end = std::min(i.yaml.find('\n', at), i.yaml.size());
    if (i.yaml[at] != '#') out += i.yaml.substr(at, end - at) + "\n";
  }
  return out;
}

bool noted(const Imported& i, ImportNote::Kind kind, std::string_view path, std::string_view what = "") {
  for (const ImportNote& n : i.notes)
    if (n.kind == kind && n.path == path && n.what.contains(what)) return true;
  return false;
}

Loaded loaded(const Imported& i, const Variables& variables = {}) {
  Loaded l = load_text(i.yaml, "new.yaml", environment(variables));
  CAPTURE(i.yaml);
  for (const Mistake& m : l.mistakes) MESSAGE(m.text());
  CHECK(l.mistakes.empty());
  return l;
}

// Every key there is.
constexpr const char* kEverything = R"({
  "server": {"name": "n", "version": "1", "description": "d", "debug": true, "port": 4000, "host": "0.0.0.0"},
  "providers": [
    {"id": "open router", "name": "OR", "type": "openrouter", "baseUrl": "https://openrouter.ai/api",
     "apiKey": "${OPENROUTER_API_KEY:-sk-or-s3cr3t1}", "models": ["anthropic/claude-x", "google/*"],
     "capabilities": {"streaming": true, "tools": true, "reasoning": true, "multimodal": false, "maxTokens": 8192, "contextWindow": 200000},
     "rateLimits": {"requestsPerMinute": 60, "tokensPerMinute": 100000, "requestsPerDay": 1, "tokensPerDay": 2},
     "priority": 1, "weight": 70, "healthCheck": {"endpoint": "/models", "interval": 30000, "timeout": 5000, "retries": 3},
     "headers": {"HTTP-Referer": "https://example.com/$x", "X-Api-Token": "sk-s3cr3t2"}, "timeout": 45000,
     "retryAttempts": 3, "retryDelay": 1000, "enabled": true},
    {"id": "claude", "type": "anthropic", "baseUrl": "https://api.anthropic.com/v1", "apiKey": "sk-ant-s3cr3t3", "models": ["claude-*", "google/*"]},
    {"id": "box", "type": "local", "baseUrl": "http://127.0.0.1:11434", "apiKey": "ollama-s3cr3t4", "models": ["qwen3"]},
    {"id": "off", "type": "openai", "enabled": false, "models": ["gpt-x"]}
  ],
  "routing": {
    "defaultProvider": "open router", "fallbackProvider": "claude",
    "loadBalancing": {"strategy": "weighted", "healthCheck": true, "failover": true, "maxRetries": 3, "retryDelay": 1000},
    "rules": [
      {"id": "r1", "name": "deep", "condition": {"model": "deep-*"}, "target": {"providerId": "claude", "weight": 1, "fallback": ["box"]}, "enabled": true},
      {"id": "r2", "condition": {"capabilities": ["tools"], "provider": "x", "metadata": {"a": "b"}, "model": "m"}, "target": {"providerId": "claude"}},
      {"id": "r3", "condition": {"model": "x"}, "target": {"providerId": "off"}},
      {"id": "r4", "condition": {"model": "y"}, "target": {"providerId": "claude"}, "enabled": false}
    ],
    "modelMapping": {"fast": "google/flash", "smart": "claude-opus", "local": "qwen3", "default": "anthropic/claude-x"}
  },
  "cache": {"enabled": true, "ttl": 300, "maxSize": 1000, "keyPrefix": "p:", "storage": "redis", "redis": {"host": "h", "port": 6379, "password": "s3cr3t5", "db": 0}},
  "logging": {"level": "warning", "format": "json", "requests": true, "responses": true, "performance": true, "errors": true,
              "file": {"enabled": true, "path": "/tmp/l", "maxSize": "10m", "maxFiles": 5}},
  "security": {"rateLimiting": {"enabled": true, "requestsPerMinute": 100, "skipSuccessfulRequests": false},
               "apiKeyValidation": {"enabled": true, "required": true},
               "cors": {"enabled": true, "origins": ["https://app.example.com", "*"], "methods": ["GET"], "headers": ["x"]}},
  "monitoring": {"enabled": true, "metricsInterval": 30000, "healthCheckInterval": 60000}
})";

const Variables kKeys = {{"OPENROUTER_API_KEY", "sk-or-0123456789"},
                         {"CLAUDE_API_KEY", "sk-ant-0123456789"},
                         {"OPEN_ROUTER_X_API_TOKEN_HEADER", "tok-0123456789"},
                         {"PATCHBAY_CLIENT_KEY", "client-0123456789"}};

}  // namespace

TEST_SUITE_BEGIN("config import");

TEST_CASE("everything a file may hold") {
  const Imported i = from_file(kEverything);
  REQUIRE(i.mistakes.empty());
  CHECK(body(i) == R"(server:
  listen: "0.0.0.0:4000"
  keys:
    - "${PATCHBAY_CLIENT_KEY}"
  allowed_origins:
    - "https://app.example.com"
log:
  level: debug
  format: json
providers_from_environment: false
providers:
  open-router:
    type: openrouter
    api_key: "${OPENROUTER_API_KEY}"
    headers:
      HTTP-Referer: "https://example.com/$$x"
      X-Api-Token: "${OPEN_ROUTER_X_API_TOKEN_HEADER}"
    models:
      - anthropic/claude-x
    timeouts:
      first_byte: "45s"
    exclude_tools:
      - BatchTool
    strip_schema_formats:
      - uri
  claude:
    type: anthropic
    api_key: "${CLAUDE_API_KEY}"
  box:
    type: ollama
    models:
      - qwen3
    exclude_tools:
      - BatchTool
    strip_schema_formats:
      - uri
models:
  fast: open-router/google/flash
  smart: claude/claude-opus
  local: box/qwen3
  "google/*": "open-router/google/*"
  "claude-*": "claude/claude-*"
  "deep-*": "claude/deep-*"
default_model: open-router/anthropic/claude-x
)");
  const Loaded l = loaded(i, kKeys);
  CHECK(l.config.providers.size() == 3);
  CHECK(l.config.providers[0].headers.size() >= 2);
}

TEST_CASE("no key leaves the file it stands in") {
  const std::string yaml = from_file(kEverything).yaml;
  CHECK_FALSE(yaml.contains("s3cr3t"));
}

TEST_CASE("what was not carried over is named, with the reason") {
  const Imported i = from_file(kEverything);
  using enum ImportNote::Kind;
  CHECK(noted(i, lost, "providers[0].priority", "the first"));
  CHECK(noted(i, lost, "providers[3]", "switched off"));
  CHECK(noted(i, lost, "providers[1].models", "`google/*` leads to open-router/google/* already"));
  CHECK(
      noted(i, lost, "cache {enabled, ttl, maxSize, keyPrefix, storage, redis {host, port, password, db}}"));
  CHECK(noted(i, lost, "routing.rules[1]", "nothing but the model"));
  CHECK(noted(i, lost, "routing.rules[2]", "`off`"));
  CHECK(noted(i, lost, "logging.responses", "never logged"));
  CHECK(noted(i, lost, "security.cors.origins", "`*`"));
  CHECK(noted(i, changed, "providers[1].apiKey", "CLAUDE_API_KEY"));
  CHECK(noted(i, changed, "providers[0].id", "`open-router`"));
  CHECK(noted(i, changed, "server.host", "PATCHBAY_CLIENT_KEY"));
  CHECK(noted(i, idle, "monitoring.enabled", "/metrics"));
  const std::string text = notes_text(i.notes, "# ");
  CHECK(i.yaml.contains(text));
  CHECK(text.starts_with("# Not carried over:\n# - "));
}

// Takes out one value after the other: each must change the new file, in its text or in its notes.
void without_each(Node& node, const Node& root, const std::string& path, const std::string& whole,
                  std::string& silent) {
  const auto try_without = [&](Node& part, const std::string& at) {
    if (part.kind == Node::Kind::map || (part.kind == Node::Kind::list && !part.items.empty()))
      return without_each(part, root, at, whole, silent);
    Node kept = std::move(part);
    part = Node{};
    part.text = "";
    if (from_file(to_json(root)).yaml == whole) silent += at + "\n";
    part = std::move(kept);
  };
  for (std::size_t i = 0; i < node.items.size(); ++i)
    try_without(node.items[i], path + "[" + std::to_string(i) + "]");
  for (Entry& e : node.members) try_without(e.value, path + (path.empty() ? "" : ".") + e.key);
}

TEST_CASE("nothing is lost in silence: without any one value the result is another") {
  std::vector<Mistake> mistakes;
  Node root = read_yaml(kEverything, "c", mistakes);
  REQUIRE(mistakes.empty());
  const std::string whole = from_file(to_json(root)).yaml;
  std::string silent;
  without_each(root, root, "", whole, silent);
  // What is inside a section that is named is named with it; what is left says what is so without it too.
  std::string left;
  for (std::size_t at = 0, end; at < silent.size(); at = end + 1) {
    end = silent.find('\n', at);
    const std::string path = silent.substr(at, end - at);
    bool named = false;
    for (const ImportNote& n : from_file(kEverything).notes) {
      const std::string section = n.path.substr(0, n.path.find(" {"));
      named = named || path == section || path.starts_with(section + ".") || path.starts_with(section + "[");
    }
    if (!named) left += path + "\n";
  }
  CHECK(left ==
        "providers[0].baseUrl\nproviders[0].enabled\nproviders[1].baseUrl\nrouting.defaultProvider\n"
        "routing.rules[0].enabled\nsecurity.apiKeyValidation.enabled\nsecurity.cors.enabled\n");
}

TEST_CASE("wrong values and unknown keys are named") {
  const Imported i = from_file(
      R"({"server": {"port": "many", "prot": 1}, "providers": [{"id": "a", "type": "mystery", "baseUrl": "ftp://x", "models": {"a": 1}, "timeout": -1, "x": [1]}, 7],
          "routing": {"defaultProvider": "none", "modelMapping": [1], "rules": 5}, "logging": {"level": "loud", "format": "xml"}, "surprise": {"a": 1}})");
  REQUIRE(i.mistakes.empty());
  using enum ImportNote::Kind;
  CHECK(noted(i, lost, "server.port", "expected a number, found the text \"many\""));
  CHECK(noted(i, lost, "server.prot", "not a key"));
  CHECK(noted(i, changed, "providers[0].type", "`mystery`"));
  CHECK(noted(i, lost, "providers[0].baseUrl", "http://"));
  CHECK(noted(i, lost, "providers[0].models", "expected a list"));
  CHECK(noted(i, lost, "providers[0].timeout", "expected a number"));
  CHECK(noted(i, lost, "providers[0].x", "not a key"));
  CHECK(noted(i, lost, "providers[1]", "expected a map"));
  CHECK(noted(i, lost, "routing.defaultProvider", "`none`"));
  CHECK(noted(i, lost, "routing.modelMapping", "expected a map"));
  CHECK(noted(i, lost, "routing.rules", "expected a map or a list"));
  CHECK(noted(i, lost, "logging.level", "`loud`"));
  CHECK(noted(i, lost, "logging.format", "`xml`"));
  CHECK(noted(i, lost, "surprise", "not a key"));
}

TEST_CASE("texts from the source stay one comment, whatever they hold") {
  const Imported i = from_file("{\"server\": {\"a\\nb: evil\\r\\n\\u0085key\": 1}}");
  REQUIRE(i.mistakes.empty());
  CHECK_FALSE(body(i).contains("evil"));
  loaded(i);
}

TEST_CASE("what is no configuration of cproxy") {
  for (const char* text : {"", "[1]", "hello", "{}", "{\"mcpServers\": {\"a\": {}}}", "{\"a\": ", "\xff"}) {
    CAPTURE(text);
    const Imported i = from_file(text);
    CHECK(i.mistakes.size() == 1);
    CHECK(i.yaml.empty());
  }
}

TEST_CASE("the environment alone: one provider, two models whatever is asked for") {
  const Imported i = from_environment({{"OPENROUTER_API_KEY", "sk-or-0123456789"},
                                       {"REASONING_MODEL", "a/deep"},
                                       {"COMPLETION_MODEL", "b/quick"},
                                       {"PORT", "4100"},
                                       {"DEBUG", "1"}});
  CHECK(i.notes.empty());
  CHECK(body(i) == R"(server:
  listen: "127.0.0.1:4100"
log:
  level: debug
providers_from_environment: false
providers:
  openrouter:
    type: openrouter
    api_key: "${OPENROUTER_API_KEY}"
    exclude_tools:
      - BatchTool
    strip_schema_formats:
      - uri
models:
  "*":
    use: openrouter/b/quick
    thinking: openrouter/a/deep
)");
  loaded(i, {{"OPENROUTER_API_KEY", "sk-or-0123456789"}});
}

TEST_CASE("another base URL is sent no key") {
  const Imported i = from_environment({{"ANTHROPIC_PROXY_BASE_URL", "http://127.0.0.1:9/api/"},
                                       {"OPENROUTER_API_KEY", "sk-or-0123456789"},
                                       {"COMPLETION_MODEL", "m"},
                                       {"REASONING_MODEL", "m"},
                                       {"MCP_MODE", "true"},
                                       {"OPENROUTER_RPM", "60"}});
  CHECK(
      body(i).contains("  proxy:\n    type: custom\n    formats:\n      - openai_chat\n"
                       "    base_url: \"http://127.0.0.1:9/api/v1\"\n    auth: none\n"));
  CHECK(body(i).contains("models:\n  \"*\": proxy/m\n"));
  CHECK_FALSE(body(i).contains("openrouter"));
  using enum ImportNote::Kind;
  CHECK(noted(i, lost, "MCP_MODE"));
  CHECK(noted(i, lost, "OPENROUTER_RPM"));
  CHECK(noted(i, idle, "OPENROUTER_API_KEY"));
  CHECK(loaded(i).config.providers.at(0).auth == pb::llm::Auth::none);
}

TEST_CASE("nothing set at all: cproxy's defaults, and that they are") {
  const Imported i = from_environment({});
  CHECK(body(i).contains("\"*\": \"openrouter/google/gemini-2.0-pro-exp-02-05:free\""));
  using enum ImportNote::Kind;
  CHECK(noted(i, changed, "OPENROUTER_API_KEY"));
  CHECK(noted(i, changed, "COMPLETION_MODEL"));
  CHECK(noted(i, changed, "REASONING_MODEL"));
  CHECK(noted(i, changed, "server.port", "3000"));
}

TEST_CASE("variables go before the file") {
  const Imported i = from_environment({{"PORT", "5000"},
                                       {"MCP_SERVER_PORT", "5001"},
                                       {"MCP_SERVER_HOST", "127.0.0.2"},
                                       {"MCP_LOG_LEVEL", "error"},
                                       {"MCP_LOG_FORMAT", "json"},
                                       {"MCP_PROVIDER_NAME", "up"},
                                       {"MCP_PROVIDER_URL", "http://h:1"},
                                       {"MCP_PROVIDER_API_KEY", "sk-s3cr3t"},
                                       {"MCP_PROVIDER_TIMEOUT", "1500"},
                                       {"MCP_PROVIDER_RETRIES", "2"},
                                       {"OPENROUTER_BASE_URL", "https://or.example.com/api/v1"},
                                       {"OPENROUTER_MODELS", "a/b, c/*"}},
                                      R"({"server": {"port": 1, "host": "x"}, "logging": {"level": "info"},
        "providers": [{"id": "up", "type": "openai", "baseUrl": "http://old", "apiKey": "${OLD}"}]})");
  REQUIRE(i.mistakes.empty());
  CHECK(body(i) == R"(server:
  listen: "127.0.0.2:5000"
log:
  level: error
  format: json
providers_from_environment: false
providers:
  up:
    type: openai
    base_url: "http://h:1/v1"
    formats:
      - openai_chat
    api_key: "${MCP_PROVIDER_API_KEY}"
    timeouts:
      first_byte: "1500ms"
    exclude_tools:
      - BatchTool
    strip_schema_formats:
      - uri
  openrouter:
    type: openrouter
    base_url: "https://or.example.com/api/v1"
    formats:
      - openai_chat
    models:
      - a/b
    exclude_tools:
      - BatchTool
    strip_schema_formats:
      - uri
models:
  "c/*": "openrouter/c/*"
  "*": "up/*"
)");
  CHECK_FALSE(i.yaml.contains("s3cr3t"));
  using enum ImportNote::Kind;
  CHECK(noted(i, lost, "MCP_PROVIDER_RETRIES"));
  loaded(i, {{"MCP_PROVIDER_API_KEY", "sk-0123456789"}});
}

TEST_SUITE_END();
