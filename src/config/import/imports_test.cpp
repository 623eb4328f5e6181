// LiteLLM's and claude-code-router's configurations, as ours: nothing is left out in silence, no secret is copied.
#include <doctest/doctest.h>

#include <map>

#include "config/import/import.h"
#include "config/load.h"

using namespace pb::config;
namespace route = pb::route;

namespace {

using Kind = ImportNote::Kind;
using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables = {}) {
  Environment env;
  env.get = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return env;
}

Imported imported(const std::string& text) {
  return import_config({"source", text, false}, "", environment());
}

// Every variable that the file asks for is set.
Loaded loaded(const Imported& i) {
  Variables variables;
  for (const ImportVariable& v : i.variables) variables[v.name] = "value-of-" + v.name;
  Loaded l = load_text(i.yaml, "new.yaml", environment(variables));
  for (const Mistake& m : l.mistakes) MESSAGE(m.text());
  CHECK_MESSAGE(l.mistakes.empty(), i.yaml);
  return l;
}

bool noted(const Imported& i, Kind kind, std::string_view path, std::string_view what = "") {
  for (const ImportNote& n : i.notes)
    if (n.kind == kind && n.path.starts_with(path) && n.what.contains(what)) return true;
  return false;
}

const Provider& provider(const Loaded& l, std::string_view name) {
  for (const Provider& p : l.config.providers)
    if (p.name == name) return p;
  FAIL("no provider " << name);
  return l.config.providers.front();
}
const route::Route& route_of(const Loaded& l, std::string_view name) {
  for (const route::Route& r : l.config.routes)
    if (r.name == name) return r;
  FAIL("no route " << name);
  return l.config.routes.front();
}
std::string model_of(const Loaded& l, std::string_view name) {
  for (const Model& m : l.config.models)
    if (m.name == name) return l.config.providers[m.provider].name + "/" + m.model;
  return "none";
}
std::string deployments(const Loaded& l, const route::Route& r) {
  std::string out;
  for (const route::Deployment& d : r.deployments)
    out += l.config.providers[d.provider].name + "/" + d.model + " w" + std::to_string(d.weight) + " p" +
           std::to_string(d.priority) + ", ";
  return out;
}

constexpr const char* kLiteLlm = R"(
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/my-deployment
      api_base: https://one.openai.azure.com/
      api_key: "os.environ/AZURE_KEY_ONE"
      api_version: "2024-10-21"
      rpm: 600
    model_info: {id: one, mode: chat, base_model: azure/gpt-4o, supports_vision: true}
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: sk-s3cr3t-literal, rpm: 200, tpm: 100000, max_parallel_requests: 5, temperature: 0.2}
  - model_name: claude
    litellm_params: {model: anthropic/claude-sonnet-4-6, api_key: os.environ/ANTHROPIC_API_KEY, timeout: 300, stream_timeout: 60}
  - model_name: ordered
    litellm_params: {model: groq/llama-3.1-8b-instant, order: 1, weight: 9}
  - model_name: ordered
    litellm_params: {model: together_ai/meta/llama, order: 2, tags: [eu], extra_headers: {X-Team: blue, X-Api-Key: s3cr3t-header}}
  - model_name: local
    litellm_params: {model: openai/my-model, api_base: "http://127.0.0.1:8001/v1", api_key: none,
                     input_cost_per_token: 0.0000015, output_cost_per_token: 0.000002}
  - model_name: box
    litellm_params: {model: ollama_chat/llama3.2, api_base: "http://127.0.0.1:11434"}
  - model_name: "mistral/*"
    litellm_params: {model: "mistral/*", api_key: os.environ/MISTRAL_API_KEY}
  - model_name: bare
    litellm_params: {model: claude-opus-4-6}
  - model_name: rock
    litellm_params: {model: bedrock/anthropic.claude-v2, aws_region_name: us-east-1}
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 3
  timeout: 120
  allowed_fails: 3
  cooldown_time: 30
  enable_pre_call_checks: true
  fallbacks: [{gpt-4o: [claude, nowhere]}, {claude: [gpt-4o]}]
  context_window_fallbacks: [{gpt-4o: [local]}]
  model_group_alias: {gpt-4: gpt-4o, hidden: {model: local, hidden: true}}
  retry_policy: {TimeoutErrorRetries: 3}
  redis_host: localhost
  redis_password: s3cr3t-redis
litellm_settings:
  drop_params: true
  request_timeout: 600
  json_logs: true
  cache: true
  cache_params: {type: redis, host: h, password: s3cr3t-cache}
  default_fallbacks: [local]
  success_callback: [langfuse]
  something_new: 1
general_settings:
  master_key: sk-s3cr3t-master
  database_url: "postgresql://u:s3cr3t-db@h/db"
  background_health_checks: true
  health_check_interval: 60
  completion_model: claude
environment_variables:
  AZURE_KEY_ONE: s3cr3t-variable
  LANGFUSE_SECRET_KEY: s3cr3t-other
)";

constexpr const char* kRouter = R"({
  "LOG": true, "LOG_LEVEL": "warn", "HOST": "0.0.0.0", "PORT": 3457, "APIKEY": "s3cr3t-client",
  "API_TIMEOUT_MS": "600000", "PROXY_URL": "http://127.0.0.1:7890", "NON_INTERACTIVE_MODE": true,
  "StatusLine": {"enabled": true}, "CUSTOM_ROUTER_PATH": "r.js", "transformers": [{"path": "x.js"}],
  "Providers": [
    {"name": "openrouter", "api_base_url": "https://openrouter.ai/api/v1/chat/completions", "api_key": "$OPENROUTER_API_KEY",
     "models": ["google/gemini-2.5-pro", "anthropic/claude-3.5-sonnet"], "transformer": {"use": ["openrouter"], "google/gemini-2.5-pro": {"use": [["openrouter", {"provider": {"only": ["x"]}}]]}}},
    {"name": "my box!", "api_base_url": "http://127.0.0.1:8001/v1/chat/completions", "api_key": "sk-s3cr3t-box", "models": ["deep", "fast"],
     "transformer": {"use": [["maxtoken", {"max_tokens": 16384}], "enhancetool", "reasoning"]}},
    {"name": "claude", "api_base_url": "http://127.0.0.1:8002/v1/messages", "api_key": "${CLAUDE_KEY}", "models": ["c"], "transformer": {"use": ["Anthropic"]}},
    {"name": "gemini", "api_base_url": "https://generativelanguage.googleapis.com/v1beta/models/", "api_key": "s3cr3t-g", "models": ["gemini-2.5-flash"], "transformer": {"use": ["gemini"]}, "weight": 3}
  ],
  "Router": {"default": "openrouter,anthropic/claude-3.5-sonnet", "background": "my box!,fast", "think": "my box!,deep",
             "longContext": "gemini,gemini-2.5-flash", "longContextThreshold": 50000, "webSearch": "claude,c", "image": "gone,x"}
})";

}  // namespace

TEST_SUITE("config import") {
  TEST_CASE("whose file it is, by what stands in it") {
    CHECK(import_format_of(kLiteLlm) == "litellm");
    CHECK(import_format_of(kRouter) == "claude-code-router");
    CHECK(import_format_of("providers: []\n") == "cproxy");
    CHECK(import_format_of("a: 1\n") == "");
    CHECK(import_format_of("[1]") == "");
    CHECK(import_format_of("\xff") == "");
    CHECK(import_config({"f", "[1]", false}, "litellm", environment()).mistakes.at(0).text() ==
          "f:1:1: expected a map");
    CHECK(import_config({"f", "{\"Providers\": [", false}, "claude-code-router", environment())
              .mistakes.size() == 1);
    CHECK(loaded(import_config({"f", "{}", false}, "litellm", environment())).config.simulator);
  }

  TEST_CASE("LiteLLM: models, providers, routes") {
    const Imported i = imported(kLiteLlm);
    REQUIRE(i.mistakes.empty());
    const Loaded l = loaded(i);
    const Provider& azure = provider(l, "azure");
    CHECK(azure.vendor->name == "azure-openai");
    CHECK(azure.api_key.reveal() == "value-of-AZURE_KEY_ONE");
    CHECK(azure.base_url == "https://one.openai.azure.com/openai/v1");
    CHECK(provider(l, "openai").api_key.reveal() == "value-of-OPENAI_API_KEY");
    CHECK(provider(l, "openai-2").vendor->name == "custom");
    CHECK(provider(l, "openai-2").base_url == "http://127.0.0.1:8001/v1");
    CHECK(provider(l, "together_ai").vendor->name == "together");
    CHECK(provider(l, "ollama_chat").vendor->name == "ollama");
    CHECK(provider(l, "anthropic").timeouts.total_ms == 300'000);
    CHECK(provider(l, "anthropic").timeouts.idle_ms == 60'000);
    CHECK(provider(l, "openai").timeouts.total_ms == 120'000);
    // Weights come from the limits, as LiteLLM's shuffle has them; only `order` makes a priority.
    const route::Route& gpt = route_of(l, "gpt-4o");
    CHECK(gpt.strategy == route::Strategy::response_time);
    CHECK(deployments(l, gpt) == "azure/my-deployment w3 p1, openai/gpt-4o w1 p1, ");
    CHECK(gpt.deployments[1].limits.tokens_per_minute == 100'000);
    CHECK(gpt.deployments[1].limits.concurrency == 5);
    // `claude` falls back on it in turn: its deployment stands there.
    CHECK(gpt.fallbacks == std::vector<std::string>{"anthropic/claude-sonnet-4-6", "local"});
    CHECK(route_of(l, "ordered").strategy == route::Strategy::priority);
    CHECK(deployments(l, route_of(l, "ordered")) ==
          "groq/llama-3.1-8b-instant w1 p1, together_ai/meta/llama w0 p2, ");
    CHECK(route_of(l, "ordered").fallbacks == std::vector<std::string>{"local"});
    CHECK(route_of(l, "ordered").deployments[1].tags == std::vector<std::string>{"eu"});
    CHECK(model_of(l, "local") == "openai-2/my-model");
    CHECK(model_of(l, "hidden") == "openai-2/my-model");
    CHECK(deployments(l, route_of(l, "gpt-4")) == deployments(l, gpt));
    CHECK(route_of(l, "mistral/*").deployments[0].model == "*");
    CHECK(route_of(l, "bare").deployments[0].model == "claude-opus-4-6");
    CHECK(l.config.prices.at("openai-2/my-model").input == doctest::Approx(1.5));
    CHECK(l.config.default_model == "claude");
    CHECK(l.config.retries.attempts == 3);
    CHECK(l.config.breaker.failures == 4);
    CHECK(l.config.breaker.open_ms == 30'000);
    CHECK(l.config.health.interval_ms == 60'000);
    CHECK(l.config.log.format == "json");
    CHECK(l.config.server.listen == "127.0.0.1:4000");
    CHECK(l.config.server.keys.at(0).reveal() == "value-of-PATCHBAY_CLIENT_KEY");
  }

  TEST_CASE("LiteLLM: what is not carried over is told, and no secret is copied") {
    const Imported i = imported(kLiteLlm);
    CHECK_FALSE(i.yaml.contains("s3cr3t"));
    CHECK_FALSE(notes_text(i.notes, "").contains("s3cr3t"));
    CHECK(noted(i, Kind::changed, "model_list[1].litellm_params.api_key", "OPENAI_API_KEY"));
    CHECK(noted(i, Kind::lost, "model_list[1].litellm_params.temperature", "no defaults"));
    CHECK(noted(i, Kind::lost, "model_list[9].litellm_params.model", "no provider `bedrock`"));
    CHECK(noted(i, Kind::idle, "model_list[0].model_info.mode"));
    CHECK(noted(i, Kind::lost, "router_settings.fallbacks.gpt-4o", "`nowhere`"));
    CHECK(noted(i, Kind::changed, "router_settings.context_window_fallbacks", "after any failure"));
    CHECK(noted(i, Kind::changed, "fallbacks of `gpt-4o`", "`claude` falls back"));
    CHECK(noted(i, Kind::lost, "router_settings.retry_policy {TimeoutErrorRetries}"));
    CHECK(noted(i, Kind::lost, "router_settings.redis_host"));
    CHECK(noted(i, Kind::idle, "router_settings.enable_pre_call_checks"));
    CHECK(noted(i, Kind::lost, "litellm_settings.cache_params.password"));
    CHECK(noted(i, Kind::changed, "litellm_settings.cache_params.type", "in memory"));
    CHECK(i.yaml.contains("\ncache:\n  enabled: true\n  share: all\n"));
    CHECK(noted(i, Kind::idle, "litellm_settings.drop_params"));
    CHECK(noted(i, Kind::lost, "litellm_settings.something_new", "no counterpart"));
    CHECK(noted(i, Kind::lost, "general_settings.database_url"));
    CHECK(noted(i, Kind::lost, "environment_variables.LANGFUSE_SECRET_KEY"));
    const std::string variables = variables_text(i.variables, "");
    CHECK(variables.contains("AZURE_KEY_ONE=    (the value of environment_variables.AZURE_KEY_ONE)\n"));
    CHECK(variables.contains("OPENAI_API_KEY=    (the value of model_list[1].litellm_params.api_key)\n"));
    CHECK(variables.contains("ANTHROPIC_API_KEY=\n"));
    CHECK(i.yaml.contains("# ANTHROPIC_API_KEY=\n"));
  }

  TEST_CASE("claude-code-router: providers and rules") {
    const Imported i = imported(kRouter);
    REQUIRE(i.mistakes.empty());
    const Loaded l = loaded(i);
    CHECK(provider(l, "openrouter").vendor->name == "openrouter");
    CHECK(provider(l, "openrouter").formats.at(0).name == "openai_chat");
    CHECK(provider(l, "openrouter").formats.size() == 1);
    CHECK(provider(l, "openrouter").api_key.reveal() == "value-of-OPENROUTER_API_KEY");
    const Provider& box = provider(l, "my-box-");
    CHECK(box.base_url + box.formats.at(0).path == "http://127.0.0.1:8001/v1/chat/completions");
    CHECK(box.quirks.default_max_tokens == 16'384);
    CHECK(box.timeouts.total_ms == 600'000);
    const Provider& claude = provider(l, "claude");
    CHECK(claude.base_url + claude.formats.at(0).path == "http://127.0.0.1:8002/v1/messages");
    CHECK(claude.auth == pb::llm::Auth::x_api_key);
    CHECK(provider(l, "gemini").vendor->name == "gemini");
    CHECK(l.config.server.listen == "0.0.0.0:3457");
    CHECK(l.config.server.keys.size() == 1);
    CHECK(l.config.log.level == "warn");
    CHECK(model_of(l, "*") == "openrouter/anthropic/claude-3.5-sonnet");
    std::string rules;
    for (const route::Rule& r : l.config.rules)
      rules += r.name + " -> " + r.use + (r.tokens_over > 0 ? " over " + std::to_string(r.tokens_over) : "") +
               (r.thinking ? " thinking" : "") + (r.tool.empty() ? "" : " " + r.tool) + "\n";
    CHECK(rules ==
          "openrouter,google/gemini-2.5-pro -> openrouter/google/gemini-2.5-pro\n"
          "openrouter,anthropic/claude-3.5-sonnet -> openrouter/anthropic/claude-3.5-sonnet\n"
          "my box!,deep -> my-box-/deep\nmy box!,fast -> my-box-/fast\nclaude,c -> claude/c\n"
          "gemini,gemini-2.5-flash -> gemini/gemini-2.5-flash\n"
          "longContext -> gemini/gemini-2.5-flash over 50000\n"
          "background claude-3-5-haiku* -> my-box-/fast\nbackground claude-haiku* -> my-box-/fast\n"
          "webSearch -> claude/c web_search*\nthink -> my-box-/deep thinking\n");
  }

  TEST_CASE("claude-code-router: what is not carried over is told, and no secret is copied") {
    const Imported i = imported(kRouter);
    CHECK_FALSE(i.yaml.contains("s3cr3t"));
    CHECK(noted(i, Kind::changed, "APIKEY", "PATCHBAY_CLIENT_KEY"));
    CHECK(noted(i, Kind::changed, "Providers[1].name", "my-box-"));
    CHECK(noted(i, Kind::idle, "Providers[0].transformer.use `openrouter`"));
    CHECK(noted(i, Kind::lost, "Providers[0].transformer.google/gemini-2.5-pro `openrouter`"));
    CHECK(noted(i, Kind::changed, "Providers[1].transformer.use `maxtoken`"));
    CHECK(noted(i, Kind::lost, "Providers[1].transformer.use `enhancetool`"));
    CHECK(noted(i, Kind::lost, "Providers[3].weight", "no counterpart"));
    CHECK(noted(i, Kind::lost, "Router.image", "no provider is named `gone`"));
    CHECK(noted(i, Kind::lost, "PROXY_URL", "HTTPS_PROXY"));
    CHECK(noted(i, Kind::lost, "CUSTOM_ROUTER_PATH"));
    CHECK(noted(i, Kind::lost, "transformers"));
    CHECK(noted(i, Kind::idle, "StatusLine {enabled}"));
    CHECK(noted(i, Kind::lost, "<CCR-SUBAGENT-MODEL>"));
    CHECK(variables_text(i.variables, "").contains("PATCHBAY_CLIENT_KEY=    (the value of APIKEY)\n"));
    CHECK(variables_text(i.variables, "").contains("CLAUDE_KEY=\n"));
    const Imported bare = imported(
        R"({"Providers": [{"name": "a"}, 5], "HOST": "0.0.0.0", "LOG": false, "LOG_LEVEL": "loud"})");
    CHECK(noted(bare, Kind::lost, "Providers[0]", "no api_base_url"));
    CHECK(noted(bare, Kind::lost, "Providers[1]", "no counterpart"));
    CHECK(noted(bare, Kind::lost, "Router", "is missing"));
    CHECK(noted(bare, Kind::changed, "HOST", "127.0.0.1"));
    CHECK(loaded(bare).config.server.listen == "127.0.0.1:3456");
    CHECK(loaded(bare).config.log.level == "error");
  }
}
