#include "tools/panel/agreement.h"

#include <doctest/doctest.h>

using namespace pb::tools::panel;

namespace {

struct Given {
  std::string text;
  double confidence = -1;  // none is named
  double weight = 1;
};

Consensus decided(const std::vector<Given>& given, Rules rules) {
  std::vector<Vote> votes;
  std::vector<Said> said;
  for (const Given& g : given) {
    Vote v{read_said(g.text), g.weight};
    if (g.confidence >= 0) v.said.confidence = g.confidence;
    said.push_back(v.said);
    votes.push_back(std::move(v));
  }
  return decide(votes, compare_all(said), rules);
}

using Groups = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_SUITE("panel agreement") {
  TEST_CASE("levels are shares of the largest group") {
    CHECK(level_of(5, 5) == Level::unanimous);
    CHECK(level_of(1, 1) == Level::unanimous);
    CHECK(level_of(4, 5) == Level::high);
    CHECK(level_of(3, 5) == Level::moderate);
    CHECK(level_of(3, 4) == Level::moderate);
    CHECK(level_of(2, 5) == Level::low);
    CHECK(level_of(2, 6) == Level::none);
    CHECK(level_of(1, 2) == Level::none);  // nobody agrees with anybody
    CHECK(level_of(0, 0) == Level::none);
  }

  TEST_CASE("a majority") {
    const Consensus c = decided({{"London"}, {"Paris"}, {"Paris, France"}, {"The answer is Paris"}}, {});
    CHECK(c.groups == Groups{{1, 2, 3}, {0}});
    CHECK(c.reached);
    CHECK_FALSE(c.tie);
    CHECK(c.level == Level::moderate);
    CHECK(c.speaker != 0);
    CHECK(c.confidence > 0.65);
    CHECK(c.confidence <= 0.75);
  }

  TEST_CASE("all and nobody") {
    const Consensus all = decided({{"42"}, {"It is 42"}, {"42.0"}}, {});
    CHECK(all.level == Level::unanimous);
    CHECK(all.confidence > 0.9);
    const Consensus nobody = decided({{"1"}, {"2"}, {"3"}}, {});
    CHECK(nobody.level == Level::none);
    CHECK_FALSE(nobody.reached);
    CHECK(nobody.tie);
    CHECK(nobody.speaker == 0);
    CHECK(nobody.confidence == doctest::Approx(1.0 / 3));
    CHECK(nobody.why.contains("no majority"));
    CHECK(decided({{"alone"}}, {}).level == Level::unanimous);
  }

  TEST_CASE("a group is alike on average, not by a chain") {
    Matrix m(3);
    m.set(0, 1, {0.7, Measure::text});
    m.set(1, 2, {0.65, Measure::text});
    m.set(0, 2, {0.1, Measure::text});
    CHECK(group(m, 0.6) == Groups{{0, 1}, {2}});
    CHECK(group(m, 0.3) == Groups{{0, 1, 2}});
    CHECK(group(Matrix(1), 0.6) == Groups{{0}});
  }

  TEST_CASE("weights turn a vote") {
    const Rules rules{.strategy = Strategy::weighted_average};
    CHECK(decided({{"Paris", -1, 0.2}, {"Paris", -1, 0.2}, {"London", -1, 0.9}}, rules).speaker == 2);
    CHECK(decided({{"Paris", 0.1}, {"Paris", 0.1}, {"London", 0.9}}, rules).speaker == 2);
    const Consensus c = decided({{"Paris", 0.9}, {"Paris", 0.9}, {"London", 0.9}}, rules);
    CHECK(c.speaker == 0);
    CHECK_FALSE(c.mean);
    CHECK(c.confidence == doctest::Approx(2.0 / 3));
  }

  TEST_CASE("numbers have a weighted mean") {
    const Rules rules{.strategy = Strategy::weighted_average};
    const Consensus c = decided({{"10 km", -1, 3}, {"14 km", -1, 1}}, rules);
    REQUIRE(c.mean);
    CHECK(*c.mean == doctest::Approx(11));
    CHECK(c.confidence == doctest::Approx(1 - 1.7320508 / 11));
    CHECK_FALSE(decided({{"10 km"}, {"14 miles"}}, rules).mean);
    CHECK_FALSE(decided({{"10"}, {"many"}}, rules).mean);
    CHECK(*decided({{"0"}, {"0"}}, rules).mean == 0);
  }

  TEST_CASE("only those who are sure") {
    const Rules rules{.strategy = Strategy::confidence_threshold, .confident = 0.8};
    const Consensus c = decided({{"Paris", 0.5}, {"Paris", 0.6}, {"London", 0.9}, {"Paris"}}, rules);
    CHECK(c.speaker == 2);
    CHECK(c.reached);
    CHECK(c.why.starts_with("1 of 4 answers"));
    // The answer is told by one that is sure, though it stands in a group with others.
    CHECK(decided({{"Paris", 0.1}, {"Paris", 0.9}}, rules).speaker == 1);
    const Consensus nobody = decided({{"Paris", 0.5}, {"Paris"}}, rules);
    CHECK_FALSE(nobody.reached);
    CHECK(nobody.speaker == 0);
    CHECK(nobody.why.starts_with("0 of 2 answers"));
  }

  TEST_CASE("the middle one") {
    const Rules rules{.strategy = Strategy::semantic_similarity};
    const Consensus c = decided({{"red green"}, {"red green blue"}, {"green blue"}}, rules);
    CHECK(c.speaker == 1);
    CHECK(c.reached);
    CHECK_FALSE(decided({{"one thing"}, {"another matter"}}, rules).reached);
  }

  TEST_CASE("the expert") {
    const Rules rules{.strategy = Strategy::expert_selection};
    const Consensus c = decided({{"Paris", 0.9, 0.5}, {"London", 0.8, 0.9}, {"Paris", 0.9, 0.6}}, rules);
    CHECK(c.speaker == 1);
    CHECK(c.level == Level::moderate);  // two of three, though not the expert
    CHECK(c.confidence == doctest::Approx(0.8 * (0.5 + 0.5 / 3)));
    CHECK(decided({{"a"}, {"b"}}, rules).tie);
  }
}
