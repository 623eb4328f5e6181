#include "tools/panel/findings.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::tools::panel;

namespace {

const std::vector<std::string> kTwo = {"accuracy", "clarity"};

Review review(std::size_t reviewer, double accuracy, double clarity, std::vector<Issue> issues = {}) {
  Review r;
  r.scores = {{accuracy, ""}, {clarity, ""}};
  for (Issue& i : issues) i.by = {reviewer};
  r.issues = std::move(issues);
  return r;
}
Issue issue(Severity severity, std::string description, double confidence = 0.5,
            std::string criterion = "accuracy") {
  Issue i;
  i.criterion = std::move(criterion);
  i.severity = severity;
  i.description = std::move(description);
  i.suggestion = "mend it";
  i.confidence = confidence;
  return i;
}
Judgement judged(const std::vector<Review>& reviews, Validation how = Validation::peer_review,
                 double threshold = 0.7) {
  return judge(reviews, merged(reviews), how, threshold);
}
std::string fault(std::string_view scores) {
  const auto r =
      read_reply(R"({"issues":[],"summary":"","scores":)" + std::string(scores) + "}", review_shape(kTwo));
  return r ? "" : r.error().message;
}

}  // namespace

TEST_SUITE("panel findings") {
  TEST_CASE("a review scores each criterion once") {
    CHECK(
        fault(
            R"([{"criterion":"clarity","score":1,"reason":""},{"criterion":"accuracy","score":0.5,"reason":""}])")
            .empty());
    CHECK(fault(R"([{"criterion":"clarity","score":1,"reason":""}])")
              .contains("`accuracy` once, and it is there 0 times"));
    CHECK(fault(R"([{"criterion":"style","score":1,"reason":""}])").contains("scores[0].criterion"));
    CHECK(fault(R"([{"criterion":"clarity","score":10,"reason":""}])").contains("at most 1"));
  }

  TEST_CASE("a review is read by the criteria's order") {
    json::Arena arena;
    const auto reply = json::parse(
        R"({"scores":[{"criterion":"clarity","score":1,"reason":"c"},{"criterion":"accuracy","score":0.5,"reason":"a"}],
      "issues":[{"criterion":"clarity","severity":"high","description":"d","suggestion":"s","confidence":0.25}],"summary":"ok"})",
        arena);
    const Review r = read_review(*reply, kTwo, 3);
    CHECK(r.scores[0].score == 0.5);
    CHECK(r.scores[1].reason == "c");
    CHECK(r.mean() == doctest::Approx(0.75));
    REQUIRE(r.issues.size() == 1);
    CHECK(r.issues[0].severity == Severity::high);
    CHECK(r.issues[0].by == std::vector<std::size_t>{3});
  }

  TEST_CASE("the same issue found twice is one") {
    const auto all = merged(std::vector<Review>{
        review(0, 1, 1, {issue(Severity::low, "The year of the battle is wrong: it was 1066.", 0.5)}),
        review(1, 1, 1,
               {issue(Severity::high, "The year of the battle is wrong, it was 1066", 0.5),
                issue(Severity::info, "No source is named")}),
        review(2, 1, 1,
               {issue(Severity::low, "The year of the battle is wrong: it was 1066.", 0.5, "clarity")})});
    REQUIRE(all.size() == 3);
    CHECK(all[0].severity == Severity::high);
    CHECK(all[0].by == std::vector<std::size_t>{0, 1});
    CHECK(all[0].confidence == doctest::Approx(0.75));
    CHECK(all[1].criterion == "clarity");
    CHECK(all[2].severity == Severity::info);
  }

  TEST_CASE("the score decides") {
    const Judgement good = judged({review(0, 0.9, 0.9), review(1, 0.7, 0.5)});
    CHECK(good.score == doctest::Approx(0.75));
    CHECK(good.valid);
    CHECK(good.spread == doctest::Approx(0.15));
    CHECK(good.by_criterion[0].score == doctest::Approx(0.8));
    CHECK_FALSE(judged({review(0, 0.9, 0.9), review(1, 0.7, 0.5)}, Validation::peer_review, 0.8).valid);
    CHECK(judged({review(0, 0.7, 0.7), review(1, 0.7, 0.7), review(2, 0.7, 0.7)})
              .valid);  // equal to the threshold
  }

  TEST_CASE("a critical issue that half are behind makes it invalid") {
    const Issue bad = issue(Severity::critical, "It deletes all files");
    CHECK_FALSE(judged({review(0, 1, 1, {bad}), review(1, 1, 1)}).valid);
    CHECK(judged({review(0, 1, 1, {bad}), review(1, 1, 1), review(2, 1, 1)}).valid);
    CHECK_FALSE(judged({review(0, 1, 1, {bad}), review(1, 1, 1, {bad}), review(2, 1, 1)}).valid);
    CHECK(judged({review(0, 1, 1, {issue(Severity::high, "It deletes all files")}), review(1, 1, 1)}).valid);
  }

  TEST_CASE("a consensus check takes what two have found") {
    const Issue both = issue(Severity::medium, "The sum is wrong in the third row"),
                one = issue(Severity::critical, "No licence is named");
    const Judgement j =
        judged({review(0, 1, 1, {both, one}), review(1, 1, 1, {both})}, Validation::consensus_check);
    REQUIRE(j.issues.size() == 1);
    CHECK(j.issues[0].description == both.description);
    REQUIRE(j.rejected.size() == 1);
    CHECK(j.rejected[0].why_rejected == "only one reviewer found it");
    CHECK(j.rejected[0].suggestion == "mend it");
    CHECK(j.valid);
    CHECK(judged({review(0, 1, 1, {one})}, Validation::consensus_check).rejected.empty());
  }

  TEST_CASE("votes of the others") {
    std::vector<Review> reviews = {review(0, 1, 1, {issue(Severity::critical, "It deletes all files")}),
                                   review(1, 1, 1), review(2, 1, 1)};
    std::vector<Issue> issues = merged(reviews);
    json::Arena arena;
    const auto vote = [&](std::size_t reviewer, std::string_view text) {
      count_votes(*json::parse(text, arena), reviewer, issues);
    };
    vote(0, R"({"votes":[{"issue":1,"real":true,"why":""}]})");  // its own
    CHECK(issues[0].real == 0);
    vote(
        1,
        R"({"votes":[{"issue":1,"real":false,"why":""},{"issue":1,"real":false,"why":"twice"},{"issue":9,"real":true,"why":""}]})");
    CHECK(issues[0].unreal == 1);
    CHECK(judge(reviews, issues, Validation::adversarial, 0.7).rejected.empty());  // one against one
    vote(2, R"({"votes":[{"issue":1,"real":false,"why":""}]})");
    const Judgement j = judge(reviews, issues, Validation::adversarial, 0.7);
    CHECK(j.rejected.size() == 1);
    CHECK(j.valid);
    issues = merged(reviews);
    vote(1, R"({"votes":[{"issue":1,"real":true,"why":""}]})");
    CHECK_FALSE(judge(reviews, issues, Validation::adversarial, 0.7).valid);  // two of three are behind it
  }

  TEST_CASE("prompts") {
    const std::string prompt =
        review_prompt(Validation::fact_check, {"The text", "For children", "The source"}, kTwo);
    CHECK(prompt.contains("statements of fact"));
    CHECK(prompt.contains("- clarity: Is it understood"));
    CHECK(prompt.contains("<purpose>\nFor children"));
    CHECK(prompt.contains("<reference>\nThe source"));
    CHECK_FALSE(review_prompt(Validation::peer_review, {"The text", "", ""}, kTwo).contains("<reference>"));
    const std::vector<Issue> issues = {issue(Severity::low, "X is missing")};
    CHECK(votes_prompt({"T", "", ""}, issues).contains("<issue number=\"1\">accuracy: X is missing"));
  }
}
