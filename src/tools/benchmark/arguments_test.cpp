#include "tools/benchmark/arguments.h"

#include <doctest/doctest.h>

#include "tools/benchmark/categories.h"

namespace pb::tools::bench {
namespace {

Result<Plan> plan_of(const std::string& text) {
  static json::Arena arena;
  static std::vector<std::unique_ptr<std::string>> texts;
  texts.push_back(std::make_unique<std::string>(text));
  const auto value = json::parse(*texts.back(), arena);
  REQUIRE(value);
  return read_plan(*value);
}

}  // namespace

TEST_SUITE("benchmark arguments") {
  TEST_CASE("models are names or pairs; one that is there twice is told with its place") {
    json::Arena arena;
    const auto good = json::parse(R"(["a/b", {"model":"c"}, {"model":"e","provider":"d"}])", arena);
    CHECK(*read_models(*good) == std::vector<std::string>{"a/b", "c", "d/e"});
    const auto twice = json::parse(R"(["a/b", "x", {"model":"b","provider":"a"}])", arena);
    const auto refused = read_models(*twice);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().param == "models[2]");
    CHECK(refused.error().message.contains("the same as models[0]"));
  }

  TEST_CASE("what is left out has the defaults that the schema tells") {
    const auto plan = plan_of("{}");
    REQUIRE(plan);
    CHECK(plan->runs == 3);
    CHECK(plan->delay_ms == 1000);
    CHECK(plan->timeout_ms == 60'000);
    CHECK(plan->max_tokens == 1000);
    CHECK(plan->save);
    CHECK_FALSE(plan->include_texts);
    CHECK(plan->temperature < 0);
    REQUIRE(plan->prompts.size() == 1);
    CHECK(plan->prompts[0].category == "general");
  }

  TEST_CASE("questions come from all three places") {
    const auto plan = plan_of(
        R"({"prompt":"one","prompts":["two",{"text":"three","category":"mine"}],"categories":["coding"],"prompts_per_category":2})");
    REQUIRE(plan);
    REQUIRE(plan->prompts.size() == 5);
    CHECK(plan->prompts[2].category == "mine");
    CHECK(plan->prompts[3].category == "coding");
    const auto unknown = plan_of(R"({"categories":["cooking"]})");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.contains("`cooking`"));
    CHECK(unknown.error().message.contains("mathematics"));
  }

  TEST_CASE("a plan knows how many requests it takes, and keeps texts out of its record unless told") {
    auto plan = plan_of(R"({"prompt":"a secret","runs":2})");
    plan->models = {"a", "b", "c"};
    CHECK(calls_of(*plan) == 6);
    CHECK_FALSE(config_json(*plan).contains("secret"));
    plan->judge = "j";
    plan->include_texts = true;
    CHECK(calls_of(*plan) == 8);
    CHECK(config_json(*plan).contains("a secret"));
  }

  TEST_CASE("the schemas are JSON, and every category has two questions") {
    json::Arena arena;
    CHECK(json::parse(models_schema(2), arena));
    const std::string properties = "{" + plan_properties() + "," + history_properties() + "}";
    CHECK(json::parse(properties, arena));
    for (const Category& c : categories()) {
      CHECK(c.prompts[0].size() > 20);
      CHECK(c.prompts[1].size() > 20);
      CHECK(find_category(c.name) == &c);
    }
    CHECK(find_category(kDefaultCategory) != nullptr);
  }
}

}  // namespace pb::tools::bench
