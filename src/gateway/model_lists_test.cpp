#include "gateway/model_lists.h"

#include <doctest/doctest.h>

#include "base/limits_cache.h"

using namespace pb;
using namespace pb::gateway;

TEST_SUITE("model lists") {
  TEST_CASE("pages of every vendor") {
    const auto ids = [](std::string_view page) {
      std::string out;
      const auto models = read_model_list(page);
      if (!models) return std::string("error");
      for (const ToldModel& m : *models)
        out += m.id + ":" + std::to_string(m.context) + ":" + std::to_string(m.output_max) + " ";
      return out;
    };
    CHECK(
        ids(R"({"object":"list","data":[{"id":"gpt-x","object":"model"},{"id":"b","context_length":5}]})") ==
        "gpt-x:0:0 b:5:0 ");
    CHECK(
        ids(R"({"data":[{"type":"model","id":"claude-y","max_input_tokens":7,"max_output_tokens":3}],"has_more":false})") ==
        "claude-y:7:3 ");
    CHECK(
        ids(R"({"models":[{"name":"models/gem","inputTokenLimit":9,"outputTokenLimit":2},{"name":""},{}]})") ==
        "gem:9:2 ");
    CHECK(ids(R"({"models":[{"name":"llama3:latest","model":"llama3:latest"}]})") == "llama3:latest:0:0 ");
    CHECK(ids(R"([{"id":"x"}])") == "x:0:0 ");
    CHECK(ids(R"({"data":[]})").empty());
    for (const char* bad : {"", "{}", "1", "<html>", R"({"data":5})"}) CHECK(ids(bad) == "error");
    std::string many = R"({"data":[{"id":"a"})";
    for (std::size_t i = 0; i < limits::kModelListMax + 10; ++i) many += R"(,{"id":"a"})";
    CHECK(read_model_list(many + "]}")->size() == limits::kModelListMax);
  }
  TEST_CASE("to the disk and back") {
    ListsByProvider lists;
    lists["up"] =
        std::make_shared<const ModelList>(ModelList{"http://a/v1", 5, {{"m", 10, 2}, {"n \"q\"", 0, 0}}});
    lists["none"] = std::make_shared<const ModelList>(ModelList{"http://b", 6, {}});
    const auto back = parse_lists(write_lists(lists));
    REQUIRE(back.size() == 2);
    CHECK(back.at("up")->base_url == "http://a/v1");
    CHECK(back.at("up")->fetched_ms == 5);
    REQUIRE(back.at("up")->models.size() == 2);
    CHECK(back.at("up")->models[0].context == 10);
    CHECK(back.at("up")->models[1].id == "n \"q\"");
    for (const char* bad : {"", "{", "[]", R"({"version":2,"lists":{"a":{}}})"})
      CHECK(parse_lists(bad).empty());
  }
}
