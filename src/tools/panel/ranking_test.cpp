#include "tools/panel/ranking.h"

#include <doctest/doctest.h>

#include "route/testing.h"

using namespace pb;
using namespace pb::tools::panel;
using route::testing::Bed;

namespace {

std::vector<std::size_t> picked(const std::vector<std::pair<const char*, const char*>>& models,
                                std::size_t most) {
  std::vector<Identity> all;
  for (const auto& [provider, model] : models) all.push_back(identity(provider, model));
  return pick(all, most);
}
using Places = std::vector<std::size_t>;

std::string order_of(const Bed& bed, const Ranking& ranking) {
  std::string out;
  for (const Ranked& r : ranking.usable) out += bed.slots[r.slot].deployment->model + " ";
  return out;
}

}  // namespace

TEST_SUITE("panel ranking") {
  TEST_CASE("different providers first") {
    CHECK(picked({{"a", "x"}, {"a", "y"}, {"b", "z"}}, 2) == Places{0, 2});
    CHECK(picked({{"a", "x"}, {"a", "y"}, {"b", "z"}}, 3) == Places{0, 2, 1});
    CHECK(picked({{"a", "x"}}, 5) == Places{0});
    CHECK(picked({}, 5).empty());
  }

  TEST_CASE("makers count as providers, and the same model elsewhere comes last") {
    CHECK(picked({{"or", "one/x"}, {"or", "one/y"}, {"or", "two/z"}}, 2) == Places{0, 2});
    CHECK(picked({{"a", "x"}, {"or", "a/x"}, {"a", "y"}}, 2) == Places{0, 2});
    CHECK(picked({{"a", "x"}, {"or", "a/x"}, {"a", "y"}}, 3) == Places{0, 2, 1});
  }

  TEST_CASE("the router's knowledge puts them in order") {
    Bed bed(route::Strategy::smart, 3);
    bed.deployment(0).model = "llama-3.3-70b";
    bed.deployment(1).model = "claude-opus-4-8";
    bed.deployment(2).model = "gpt-5.4-mini";
    for (auto& slot : bed.slots) slot.price = llm::ModelPrice{.input = 1, .output = 2};
    const Job hard{"Prove this theorem rigorous and carefully, and analyse the complexity of the algorithm"};
    CHECK(order_of(bed, rank(bed.slots, hard, bed.now_ms)) == "claude-opus-4-8 gpt-5.4-mini llama-3.3-70b ");
    bed.live(1).cool_until_ms = bed.now_ms + 1'000;
    CHECK(order_of(bed, rank(bed.slots, hard, bed.now_ms)) == "gpt-5.4-mini llama-3.3-70b claude-opus-4-8 ");
    bed.live(2).unhealthy = true;
    const Ranking ranking = rank(bed.slots, hard, bed.now_ms);
    CHECK(order_of(bed, ranking) == "llama-3.3-70b claude-opus-4-8 ");
    REQUIRE(ranking.barred.size() == 1);
    CHECK(ranking.barred[0].slot == 2);
    CHECK(ranking.barred[0].why.starts_with("unhealthy"));
    CHECK(rank({}, hard, 0).usable.empty());
  }

  TEST_CASE("the kind that is named goes before the one that is guessed") {
    CHECK(task_of({"Translate this into French"}).kind == route::Kind::translation);
    CHECK(task_of({.words = "Translate this into French", .kind = kind_named("math")}).kind ==
          route::Kind::maths);
    CHECK(kind_named("code_generation") == route::Kind::code);
    CHECK_FALSE(kind_named("cooking"));
    CHECK(facts_of({std::string_view("12345678")}).tokens == 3);
  }

  TEST_CASE("what is known is told") {
    CHECK(told({.quality = 0.912,
                .rated = true,
                .dollars = 0.0021,
                .time_ms = 840,
                .success = 0.99,
                .measured = true}) == "quality 0.91 (rated), about $0.00210, 840 ms, 99 % answered");
    CHECK(told({.quality = 0.5}) ==
          "quality 0.50 (guessed from its price), price not known, speed not measured yet");
  }
}
