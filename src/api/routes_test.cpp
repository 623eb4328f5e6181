#include <doctest/doctest.h>

#include "api/models.h"
#include "base/json.h"

using namespace pb;
using namespace pb::api;

namespace {

std::vector<ListedModel> three() { return {{"a", "p", 100, 10}, {"b", "p", 0, 0}, {"c/d", "q", 0, 0}}; }

json::Value parsed(const std::string& text, json::Arena& arena) {
  auto v = json::parse(text, arena);
  REQUIRE(v.has_value());
  return *v;
}

}  // namespace

TEST_CASE("api: models in OpenAI's shape") {
  json::Arena arena;
  std::string text = openai_list(three());
  auto v = parsed(text, arena);
  CHECK(v["object"].as_string() == "list");
  REQUIRE(v["data"].size() == 3);
  auto first = v["data"].items()[0];
  CHECK(first["id"].as_string() == "a");
  CHECK(first["object"].as_string() == "model");
  CHECK(first["created"].is_number());
  CHECK(first["owned_by"].as_string() == "p");
}

TEST_CASE("api: models in Anthropic's shape, by pages") {
  json::Arena arena;
  auto page = [&](std::string_view query) {
    static std::string text;
    text = anthropic_list(three(), query);
    auto v = parsed(text, arena);
    std::string ids;
    for (auto m : v["data"].items()) ids += std::string(m["id"].as_string()) + " ";
    return ids + (v["has_more"].as_bool() ? "more" : "end");
  };
  CHECK(page("") == "a b c/d end");
  CHECK(page("limit=2") == "a b more");
  CHECK(page("limit=2&after_id=b") == "c/d end");
  CHECK(page("limit=1&before_id=c/d") == "b more");
  CHECK(page("after_id=c/d") == "end");
  CHECK(page("limit=1000") == "a b c/d end");
}

TEST_CASE("api: models in Google's shape, by pages") {
  json::Arena arena;
  auto page = [&](std::string_view query) {
    static std::string text;
    text = gemini_list(three(), query);
    auto v = parsed(text, arena);
    std::string ids;
    for (auto m : v["models"].items()) ids += std::string(m["name"].as_string()) + " ";
    return ids + std::string(v["nextPageToken"].as_string("end"));
  };
  CHECK(page("") == "models/a models/b models/c/d end");
  CHECK(page("pageSize=2") == "models/a models/b 2");
  CHECK(page("pageSize=2&pageToken=2") == "models/c/d end");
  CHECK(page("pageToken=nonsense&pageSize=1") == "models/a 1");
  CHECK(page("pageToken=99") == "end");
  const std::string one = gemini_model_text(three()[0]);
  const auto m = parsed(one, arena);
  CHECK(m["inputTokenLimit"].as_int() == 100);
  CHECK(m["supportedGenerationMethods"].size() == 3);
}
