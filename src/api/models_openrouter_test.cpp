#include "api/models_openrouter.h"

#include <doctest/doctest.h>

#include "base/json.h"

using namespace pb;
using namespace pb::api;

namespace {

std::shared_ptr<const gateway::Snapshot> snapshot() {
  config::Config c;
  config::Provider p;
  p.name = "up";
  p.vendor = llm::find_vendor("custom");
  p.base_url = "http://127.0.0.1:9/v1";
  p.formats.push_back(
      {llm::find_dialect("openai_chat"), "/chat/completions", "/chat/completions", "openai_chat"});
  p.models = {"a", "b", "c"};
  c.providers.push_back(p);
  c.prices["up/b"] = {.input = 0.25, .output = 2, .cache_read = 0.025};
  c.prices["up/c"] = {.input = 0, .output = 0};
  return *gateway::Snapshot::make(std::move(c));
}

}  // namespace

TEST_SUITE_BEGIN("models openrouter");

TEST_CASE("pages, and where the next one is") {
  const auto s = snapshot();
  json::Arena arena;
  const auto ids = [&](std::string_view query, std::string_view next) {
    const std::string* text = new std::string(openrouter_list(*s, query));
    const std::unique_ptr<const std::string> owner(text);
    const auto v = *json::parse(*text, arena);
    std::string out;
    for (const json::Value m : v["data"].items()) out += std::string(m["id"].as_string()) + " ";
    CHECK(v["links"]["next"].as_string("none") == next);
    return out + std::to_string(v["total_count"].as_int());
  };
  CHECK(ids("", "none") == "up/a up/b up/c 3");
  CHECK(ids("limit=2", "/api/v1/models?offset=2&limit=2") == "up/a up/b 3");
  CHECK(ids("offset=2&limit=2", "none") == "up/c 3");
  CHECK(ids("offset=9", "none") == "3");
  CHECK(ids("limit=0", "/api/v1/models?offset=1&limit=1") == "up/a 3");
  CHECK(ids("q=p%2Fb&limit=18446744073709551615", "none") == "up/b 1");
  CHECK(ids("q=up&limit=1", "/api/v1/models?offset=1&limit=1&q=up") == "up/a 3");
}

TEST_CASE("prices are dollars a token, in decimal digits") {
  const auto s = snapshot();
  json::Arena arena;
  const std::string b = *openrouter_model(*s, "up/b"), a = *openrouter_model(*s, "up/a"),
                    c = *openrouter_model(*s, "up/c");
  const auto of = [&](const std::string& text) {
    return json::to_text((*json::parse(text, arena))["data"]["pricing"]);
  };
  CHECK(of(b) == R"({"prompt":"0.00000025","completion":"0.000002","input_cache_read":"0.000000025"})");
  CHECK(of(a) == R"({"prompt":"-1","completion":"-1"})");
  CHECK(of(c) == R"({"prompt":"0","completion":"0"})");
  CHECK(openrouter_count(*s) == R"({"data":{"count":3}})");
}

TEST_SUITE_END();
