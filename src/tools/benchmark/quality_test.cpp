#include "tools/benchmark/quality.h"

#include <doctest/doctest.h>

#include <set>

#include "base/json.h"
#include "base/limits_benchmark.h"

namespace pb::tools::bench {

TEST_SUITE("benchmark quality") {
  TEST_CASE("the rules: whole, to the point, without repetition") {
    const std::string_view prompt = "Explain how photosynthesis turns light into sugar.";
    const Heuristics good = look_at(
        prompt, "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.", "stop");
    CHECK(good.completeness == 1);
    CHECK(good.relevance == 1);
    CHECK(good.coherence == 1);
    CHECK(good.quality() == doctest::Approx(1));
    const Heuristics cut = look_at(prompt, "Photosynthesis turns light", "length");
    CHECK(cut.completeness == doctest::Approx(0.4));
    const Heuristics off = look_at(prompt, "I like trains.", "stop");
    CHECK(off.relevance == 0);
    const Heuristics again = look_at(prompt, "light sugar light sugar light sugar light sugar.", "stop");
    CHECK(again.coherence < 0.5);
    CHECK(look_at(prompt, " \n", "stop").quality() == 0);
    CHECK(look_at("2+2?", "4", "stop").quality() == doctest::Approx(1));
    CHECK(look_at(prompt, std::string(300, 'a'), "stop").completeness == doctest::Approx(0.8));
    CHECK(look_at("Что такое фотосинтез?", "Фотосинтез — это…", "stop").completeness == 1);
    CHECK(contains_code("see:\n```cpp\nint x;\n```"));
    CHECK_FALSE(contains_code("int x;"));
  }

  TEST_CASE("an order holds every place once and depends on the seed alone") {
    std::set<std::vector<std::size_t>> orders;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto order = shuffled(4, seed);
      CHECK(std::set<std::size_t>(order.begin(), order.end()) == std::set<std::size_t>{0, 1, 2, 3});
      CHECK(order == shuffled(4, seed));
      orders.insert(order);
    }
    CHECK(orders.size() > 10);
    CHECK(shuffled(0, 1).empty());
  }

  TEST_CASE("the judge's question holds labels and texts, no names, and is valid JSON") {
    const std::string longer(limits::kBenchmarkJudgedBytesMax - 1, 'x');
    const std::string text = longer + "öööö";
    const std::string_view answers[] = {"say \"hi\"", text};
    const std::string messages = judge_messages("What?", answers);
    json::Arena arena;
    const auto root = json::parse(messages, arena);
    REQUIRE(root);
    const auto question = json::parse(root->at(1)["content"].as_string(), arena);
    REQUIRE(question);
    CHECK((*question)["question"].as_string() == "What?");
    CHECK((*question)["answers"].at(0)["label"].as_string() == "A");
    CHECK((*question)["answers"].at(0)["text"].as_string() == "say \"hi\"");
    CHECK((*question)["answers"].at(1)["text"].as_string() == longer);  // cut between characters
    CHECK((*question)["answers"].at(1)["shortened_for_you"].as_bool());
    const std::string format = judge_format(2);
    const auto schema = json::parse(format, arena);
    REQUIRE(schema);
    const json::Value item =
        (*schema)["response_format"]["json_schema"]["schema"]["properties"]["grades"]["items"];
    CHECK(item["properties"]["label"]["enum"].size() == 2);
    CHECK(item["required"].size() == 6);
    CHECK(item["properties"].size() == 6);
  }

  TEST_CASE("verdicts are found by label, also inside a fence") {
    const auto v = read_verdicts(
        "Sure:\n```json\n{\"grades\":[{\"label\":\"B\",\"correctness\":10,\"completeness\":10,\"relevance\":"
        "10,"
        "\"clarity\":10,\"reason\":\"fine\"},{\"label\":\"A\",\"correctness\":5,\"completeness\":0,"
        "\"relevance\":5,"
        "\"clarity\":10}]}\n```",
        2);
    REQUIRE(v);
    CHECK((*v)[0].quality() == doctest::Approx(0.5));
    CHECK((*v)[1].quality() == doctest::Approx(1));
    CHECK((*v)[1].reason == "fine");
  }

  TEST_CASE("what is no verdict is told precisely") {
    const auto says = [](std::string_view text, std::string_view what) {
      const auto v = read_verdicts(text, 1);
      REQUIRE_FALSE(v);
      CHECK(v.error().code == Code::bad_upstream);
      CHECK_MESSAGE(v.error().message.contains(what), v.error().message);
    };
    says("I cannot grade this", "not a JSON object");
    says("{\"grades\":[}", "not JSON");
    says("{}", "no list `grades`");
    says(R"({"grades":[{"label":"B"}]})", "no grades for answer A");
    says(R"({"grades":[{"label":"A","correctness":11,"completeness":1,"relevance":1,"clarity":1}]})",
         "correctness from 0 to 10 for answer A");
    says(R"({"grades":[{"label":"A","correctness":1,"completeness":"9","relevance":1,"clarity":1}]})",
         "completeness");
  }
}

}  // namespace pb::tools::bench
