#include "tools/panel/plan.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

namespace {

using Waves = std::vector<std::vector<std::size_t>>;

std::string subtask(std::string_view id, std::string_view after) {
  return R"({"id":")" + std::string(id) + R"(","task":"do it","kind":"math","depends_on":[)" +
         std::string(after) + "]}";
}
std::string fault_of(const std::string& subtasks) {
  const auto r = read_reply(R"({"subtasks":[)" + subtasks + "]}", plan_shape(4));
  return r ? "" : r.error().message;
}
std::vector<Subtask> plan_of(const std::string& subtasks) {
  json::Arena arena;
  const std::string text = R"({"subtasks":[)" + subtasks + "]}";
  return read_plan(*json::parse(text, arena));
}

}  // namespace

TEST_SUITE("panel plan") {
  TEST_CASE("plans that hold") {
    CHECK(fault_of(subtask("a", "")).empty());
    const std::string diamond = subtask("a", "") + "," + subtask("b", R"("a")") + "," +
                                subtask("c", R"("a","a")") + "," + subtask("d", R"("b","c")");
    CHECK(fault_of(diamond).empty());
    CHECK(waves(plan_of(diamond)) == Waves{{0}, {1, 2}, {3}});
    CHECK(waves(plan_of(subtask("x", R"("y")") + "," + subtask("y", ""))) == Waves{{1}, {0}});
    CHECK(plan_of(diamond)[2].after == std::vector<std::size_t>{0});
  }

  TEST_CASE("plans that do not") {
    CHECK(fault_of(subtask("a", "") + "," + subtask("a", "")).contains("`subtasks[1].id` is there twice"));
    CHECK(fault_of(subtask("a", R"("z")")).contains("must name other subtasks, got `z`"));
    CHECK(fault_of(subtask("a", R"("a")")).contains("must name other subtasks"));
    CHECK(fault_of(subtask("a", R"("b")") + "," + subtask("b", R"("a")")).contains("in a circle"));
    CHECK(fault_of("").contains("subtasks"));
    CHECK(fault_of(R"({"id":"a","task":"x","kind":"cooking","depends_on":[]})").contains("kind"));
    std::string five;
    for (char c = 'a'; c <= 'e'; ++c) five += (five.empty() ? "" : ",") + subtask(std::string(1, c), "");
    CHECK(fault_of(five).contains("subtasks"));
  }

  TEST_CASE("the best member for each, and nobody gets all of nearly equal ones") {
    CHECK(assign({{0.9, 0.2}, {0.1, 0.8}}) == std::vector<std::size_t>{0, 1});
    CHECK(assign({{0.9, 0.88}, {0.9, 0.88}, {0.9, 0.88}}) == std::vector<std::size_t>{0, 1, 0});
    CHECK(assign({{0.9, 0.2}, {0.9, 0.2}, {0.9, 0.2}}) == std::vector<std::size_t>{0, 0, 0});
    CHECK(assign({}).empty());
    const std::vector<double> scores = {0.9, 0.2, 0.8};
    CHECK(second_best(scores, 0) == 2);
    CHECK(second_best(scores, 2) == 0);
    CHECK(second_best(std::vector<double>{0.5}, 0) == 0);
  }

  TEST_CASE("prompts carry what is needed") {
    const std::vector<Given> given = {{"a", "seven"}};
    const std::string one = subtask_prompt("P", {"b", "double it", "math", {0}}, given);
    CHECK(one.contains("<problem>\nP\n"));
    CHECK(one.contains("<result id=\"a\">\nseven\n"));
    CHECK(one.contains("double it"));
    const std::vector<std::string> missing = {"c"};
    CHECK(synthesis_prompt("P", given, missing).contains("Nobody could solve these parts"));
    CHECK_FALSE(synthesis_prompt("P", given, {}).contains("Nobody"));
    CHECK(plan_prompt("P", 3).contains("at most 3"));
  }
}
