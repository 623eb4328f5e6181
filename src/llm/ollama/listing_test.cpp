#include "llm/ollama/listing.h"

#include <doctest/doctest.h>

#include "base/json.h"

using namespace pb;
using namespace pb::llm::ollama;

namespace {

json::Value parsed(const std::string& text, json::Arena& arena) {
  auto v = json::parse(text, arena);
  REQUIRE(v);
  return *v;
}

}  // namespace

TEST_SUITE("ollama listing") {
  TEST_CASE("lists of models: a digest long enough to be cut, what a model can do") {
    const ModelCard cards[] = {{"a/b", 1000, true, false}, {"c", 0, false, true}};
    json::Arena arena;
    const std::string text = tags_body(cards);
    const json::Value v = parsed(text, arena);
    REQUIRE(v["models"].size() == 2);
    const json::Value first = v["models"].items()[0], second = v["models"].items()[1];
    CHECK(first["name"].as_string() == "a/b");
    CHECK(first["model"].as_string() == "a/b");
    CHECK(first["digest"].as_string().size() == 64);
    CHECK(first["digest"].as_string() != second["digest"].as_string());
    CHECK(json::to_text(first["capabilities"]) == R"(["completion","tools","vision"])");
    CHECK(json::to_text(second["capabilities"]) == R"(["completion","tools","thinking"])");
  }

  TEST_CASE("a model's context is found the way clients look for it") {
    json::Arena arena;
    const std::string text = show_body({"a/b", 1000, true, true});
    const json::Value info = parsed(text, arena)["model_info"];
    CHECK(info["general.basename"].as_string() == "a/b");
    CHECK(info[std::string(info["general.architecture"].as_string()) + ".context_length"].as_int() == 1000);
    CHECK_FALSE(show_body({"c", 0, false, false}).contains("context_length"));
    CHECK(asked_model(R"({"model":"x"})") == "x");
    CHECK(asked_model(R"({"name":"y"})") == "y");
    CHECK(asked_model("{}").empty());
    CHECK(asked_model("nonsense").empty());
  }

  TEST_CASE("requests that ask for nothing load a model") {
    auto reason = [](std::string_view dialect, const std::string& body) {
      const auto answer = load_answer(dialect, body, 1'500'000'000);
      if (!answer) return std::string();
      json::Arena arena;
      const json::Value v = parsed(*answer, arena);
      CHECK(v["done"].as_bool());
      CHECK(v["created_at"].as_string() == "1970-01-01T00:00:01.500000Z");
      CHECK(v.has(dialect == "ollama" ? "message" : "response"));
      return std::string(v["model"].as_string()) + " " + std::string(v["done_reason"].as_string());
    };
    CHECK(reason("ollama", R"({"model":"m"})") == "m load");
    CHECK(reason("ollama", R"({"model":"m","messages":[],"keep_alive":0})") == "m unload");
    CHECK(reason("ollama", R"({"model":"m","messages":[],"keep_alive":"0s"})") == "m unload");
    CHECK(reason("ollama", R"({"model":"m","messages":[],"keep_alive":"10m"})") == "m load");
    CHECK(reason("ollama", R"({"model":"m","messages":[],"keep_alive":-1})") == "m load");
    CHECK(reason("ollama", R"({"model":"m","messages":[{}]})").empty());
    CHECK(reason("ollama", R"({"model":"m","messages":"x"})").empty());
    CHECK(reason("ollama_generate", R"({"model":"m","prompt":""})") == "m load");
    CHECK(reason("ollama_generate", R"({"model":"m","prompt":"x"})").empty());
    CHECK(reason("ollama_generate", R"({"model":"m","suffix":"x"})").empty());
    CHECK(reason("ollama", "{}").empty());
    CHECK(reason("ollama", "{").empty());
    CHECK(reason("openai_chat", R"({"model":"m"})").empty());
  }
}
