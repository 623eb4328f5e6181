// The pure parts of the gateway: routes and headers. The rest is tested over real sockets in tests/e2e.
#include <doctest/doctest.h>

#include "gateway/headers.h"
#include "gateway/route.h"

using namespace pb;
using namespace pb::gateway;

namespace {

config::Provider provider(std::string name, std::string_view vendor, std::vector<std::string_view> formats,
                          std::string url) {
  config::Provider p;
  p.name = std::move(name);
  p.vendor = llm::find_vendor(vendor);
  p.base_url = std::move(url);
  p.api_key = Secret("sk-secret");
  for (std::string_view f : formats)
    p.formats.push_back({llm::find_dialect(f), std::string(llm::find_dialect(f)->path),
                         std::string(llm::find_dialect(f)->path), f});
  return p;
}

std::shared_ptr<const Snapshot> snapshot() {
  config::Config c;
  c.providers.push_back(provider("oai", "openai", {"openai_chat"}, "https://api.openai.com/v1"));
  c.providers.push_back(provider("ant", "anthropic", {"anthropic"}, "https://api.anthropic.com"));
  c.providers.push_back(provider("both", "custom", {"openai_chat", "anthropic"}, "http://127.0.0.1:9/v1"));
  c.providers[2].models = {"local-model"};
  c.providers[2].query = "api-version=1";
  c.models.push_back({"fast", 0, "gpt-x", std::nullopt});
  c.models.push_back({"oai/shadow", 1, "claude-y", std::nullopt});
  c.models.push_back({"main", 0, "gpt-x", config::ModelTarget{1, "claude-deep"}});
  c.models.push_back({"claude-*", 1, "claude-*", std::nullopt});
  c.models.push_back({"claude-old*", 0, "gpt-old", config::ModelTarget{2, "old*"}});
  c.providers[1].auth = llm::Auth::x_api_key;
  c.providers[1].headers = {{"anthropic-version", "2023-06-01"}, {"X-Org", "ours"}};
  return *Snapshot::make(std::move(c));
}

}  // namespace

TEST_CASE("gateway: where a model's name leads") {
  auto s = snapshot();
  const auto& openai = *llm::find_dialect("openai_chat");
  const auto& anthropic = *llm::find_dialect("anthropic");
  auto to = [&](std::string_view model, const llm::Dialect& d) {
    auto r = choose(*s, model, d);
    return r ? r->upstream->provider->name + " " + r->model + " " + std::string(r->dialect->name) +
                   (r->same_format ? " same" : "")
             : std::string(to_string(r.error().code));
  };
  CHECK(to("fast", openai) == "oai gpt-x openai_chat same");
  CHECK(to("fast", anthropic) == "oai gpt-x openai_chat");
  CHECK(to("oai/anything", openai) == "oai anything openai_chat same");
  CHECK(to("oai/vendor/model", openai) == "oai vendor/model openai_chat same");
  CHECK(to("oai/shadow", openai) == "ant claude-y anthropic");
  CHECK(to("both/m", openai) == "both m openai_chat same");
  CHECK(to("both/m", anthropic) == "both m anthropic same");
  CHECK(to("local-model", anthropic) == "both local-model anthropic same");
  CHECK(to("nothing-known", openai) == "not_found");
  CHECK(to("", openai) == "invalid_request");
  auto unknown = choose(*s, "zzz", openai);
  CHECK(unknown.error().message ==
        "model `zzz` is not known here; write provider/model, where provider is oai, ant or both");
}

TEST_CASE("gateway: a name may lead elsewhere when the model is to think") {
  auto s = snapshot();
  auto to = [&](std::string_view model, bool thinking) {
    auto r = choose(*s, model, *llm::find_dialect("openai_chat"), thinking);
    return r ? r->upstream->provider->name + " " + r->model : std::string(to_string(r.error().code));
  };
  CHECK(to("main", false) == "oai gpt-x");
  CHECK(to("main", true) == "ant claude-deep");
  CHECK(to("fast", true) == "oai gpt-x");
}

TEST_CASE("gateway: names that end in a star") {
  auto s = snapshot();
  auto to = [&](std::string_view model, bool thinking = false) {
    auto r = choose(*s, model, *llm::find_dialect("openai_chat"), thinking);
    return r ? r->upstream->provider->name + " " + r->model : std::string(to_string(r.error().code));
  };
  CHECK(to("claude-sonnet-9") == "ant claude-sonnet-9");
  CHECK(to("claude-") == "ant claude-");
  CHECK(to("claude") == "not_found");
  CHECK(to("claude-old-1") == "oai gpt-old");  // the longer one
  CHECK(to("claude-old-1", true) == "both old-1");
  CHECK(to("claude-*") == "ant claude-*");
  CHECK(to("oai/claude-x") == "oai claude-x");  // provider/model goes first
}

TEST_CASE("gateway: a format's further door is passed on or translated to the first that can be written") {
  config::Config c;
  c.providers.push_back(
      provider("box", "ollama", {"ollama_generate", "ollama", "openai_chat"}, "http://127.0.0.1:9"));
  auto s = *Snapshot::make(std::move(c));
  auto format = [&](std::string_view client) {
    return choose(*s, "m", *llm::find_dialect(client))->dialect->name;
  };
  CHECK(format("ollama_generate") == "ollama_generate");
  CHECK(format("openai_chat") == "openai_chat");
  CHECK(format("anthropic") == "ollama");
}

TEST_CASE("gateway: a format that is for some models is theirs alone") {
  config::Config c;
  c.providers.push_back(provider("oai", "openai", {"openai_responses", "openai_chat", "openai_completions"},
                                 "https://api.openai.com/v1"));
  c.providers[0].formats[2].models = "davinci-002 gpt-3.5-turbo-instruct";
  c.providers.push_back(provider("box", "vllm", {"openai_chat", "openai_completions"}, "http://127.0.0.1:9"));
  auto s = *Snapshot::make(std::move(c));
  auto format = [&](std::string_view model, std::string_view client) {
    return choose(*s, model, *llm::find_dialect(client))->dialect->name;
  };
  CHECK(format("oai/davinci-002", "openai_completions") == "openai_completions");
  CHECK(format("oai/davinci-002", "openai_chat") == "openai_completions");
  CHECK(format("oai/gpt-3.5-turbo-instruct-0914", "anthropic") == "openai_completions");
  CHECK(format("oai/gpt-9", "openai_completions") == "openai_responses");
  CHECK(format("oai/gpt-9", "openai_chat") == "openai_chat");
  CHECK(format("box/any", "openai_completions") == "openai_completions");
  CHECK(format("box/any", "anthropic") == "openai_chat");
}

TEST_CASE("gateway: Ollama's default tag goes where the shorter name is known") {
  config::Config c;
  c.providers.push_back(provider("oai", "openai", {"openai_chat"}, "https://api.openai.com/v1"));
  c.providers.push_back(provider("box", "ollama", {"ollama"}, "http://127.0.0.1:9"));
  c.providers[1].models = {"listed", "tagged:latest"};
  c.models.push_back({"fast", 0, "gpt-x", {}});
  auto s = *Snapshot::make(std::move(c));
  auto to = [&](std::string_view model) {
    auto r = choose(*s, model, *llm::find_dialect("ollama"));
    return r ? r->upstream->provider->name + " " + r->model : std::string(to_string(r.error().code));
  };
  CHECK(to("fast:latest") == "oai gpt-x");
  CHECK(to("listed:latest") == "box listed");
  CHECK(to("box/listed:latest") == "box listed");
  CHECK(to("tagged:latest") == "box tagged:latest");
  CHECK(to("box/llama3:latest") == "box llama3:latest");
  CHECK(to("oai/gpt-5.4:latest") == "oai gpt-5.4");
  CHECK(to("gpt-5.4:latest") == "oai gpt-5.4");
  CHECK(to("nothing:latest") == "not_found");
}

TEST_CASE("gateway: headers to a provider of the same format") {
  auto s = snapshot();
  auto route = *choose(*s, "ant/m", *llm::find_dialect("anthropic"));
  net::Headers from, to;
  from.add("Host", "localhost");
  from.add("Authorization", "Bearer client-key");
  from.add("x-api-key", "client-key");
  from.add("Cookie", "session=1");
  from.add("Origin", "http://localhost");
  from.add("Sec-Fetch-Mode", "cors");
  from.add("anthropic-beta", "new-thing-2030-01-01");
  from.add("X-Unknown", "kept");
  from.add("User-Agent", "claude-cli/9");
  forward_request_headers(from, route, to);
  CHECK(to.text() ==
        "anthropic-beta: new-thing-2030-01-01\r\nX-Unknown: kept\r\nUser-Agent: "
        "claude-cli/9\r\nContent-Type: application/json\r\n"
        "x-api-key: sk-secret\r\nanthropic-version: 2023-06-01\r\nX-Org: ours\r\n");
  net::Headers own;
  from.add("anthropic-version", "2026-10-21");
  from.add("X-Org", "theirs");
  forward_request_headers(from, route, own);
  CHECK(own.get("anthropic-version") == "2026-10-21");
  CHECK(own.get("X-Org") == "ours");
}

TEST_CASE("gateway: targets keep the client's query and add the provider's") {
  auto s = snapshot();
  auto route = *choose(*s, "both/m", *llm::find_dialect("openai_chat"));
  CHECK(request_target(route, "", "", false) == "/v1/chat/completions?api-version=1");
  CHECK(request_target(route, "", "beta=true", true) == "/v1/chat/completions?beta=true&api-version=1");
  route = *choose(*s, "ant/m", *llm::find_dialect("anthropic"));
  CHECK(request_target(route, "/count_tokens", "beta=true", false) ==
        std::string(route.path) + "/count_tokens?beta=true");
  CHECK(request_target(route, "", "key=secret&beta=true", false) == std::string(route.path) + "?beta=true");
  route.path = "/models/{model}:generate";
  route.stream_path = "/models/{model}:streamGenerate?alt=sse";
  route.model = "a b/c";
  CHECK(request_target(route, "", std::nullopt, false) == "/models/a%20b/c:generate");
  CHECK(request_target(route, "", std::nullopt, true) == "/models/a%20b/c:streamGenerate?alt=sse");
  CHECK(request_target(route, "", "", true) == "/models/a%20b/c:streamGenerate");
}

TEST_CASE("gateway: retry hints in headers") {
  auto of = [](const char* name, const char* value) {
    net::Headers h;
    h.add(name, value);
    return retry_after_ms(h, 1'700'000'000);
  };
  CHECK(of("Retry-After", "3") == 3000);
  CHECK(of("retry-after", "0.5") == 500);
  CHECK(of("retry-after-ms", "250") == 250);
  CHECK(of("Retry-After", "Tue, 14 Nov 2023 22:13:30 GMT") == 10'000);
  CHECK(of("Retry-After", "Tue, 14 Nov 2023 22:00:00 GMT") == 0);
  CHECK(of("Retry-After", "soon") == -1);
  CHECK(of("Retry-After", "-1") == -1);
  CHECK(of("X-Other", "3") == -1);
}

TEST_CASE("gateway: headers back to the client") {
  net::Headers from, to;
  from.add("Content-Type", "application/json");
  from.add("Set-Cookie", "a=b");
  from.add("Server", "cloud");
  from.add("x-ratelimit-remaining-requests", "9");
  from.add("request-id", "req_upstream");
  from.add("Content-Encoding", "gzip");
  forward_response_headers(from, to);
  CHECK(to.text() ==
        "Content-Type: application/json\r\nx-ratelimit-remaining-requests: 9\r\nrequest-id: "
        "req_upstream\r\nContent-Encoding: gzip\r\n");
  net::Headers translated;
  translated_response_headers(from, translated);
  CHECK(translated.text() ==
        "x-ratelimit-remaining-requests: 9\r\nx-patchbay-upstream-request-id: req_upstream\r\n");
}
