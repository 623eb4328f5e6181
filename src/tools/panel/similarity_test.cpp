#include "tools/panel/similarity.h"

#include <doctest/doctest.h>

using namespace pb::tools::panel;

namespace {

Alike likeness(std::string_view a, std::string_view b) {
  return compare(Comparable(read_said(a)), Comparable(read_said(b)));
}
bool agree(std::string_view a, std::string_view b) { return likeness(a, b).value >= 0.6; }

constexpr std::string_view kSafe =
    "The bridge is safe for heavy lorries because its steel girders were renewed in 2019 and the inspection "
    "found no cracks.";
constexpr std::string_view kUnsafe =
    "The bridge is not safe for heavy lorries because its steel girders were renewed in 2019 and the "
    "inspection found no cracks.";

}  // namespace

TEST_SUITE("panel similarity") {
  TEST_CASE("the lines that were asked for are read and taken off") {
    const Said said = read_said("Because of X.\n\nAnswer: Paris\nConfidence: 85");
    CHECK(said.text == "Because of X.");
    CHECK(said.brief == "Paris");
    CHECK(said.confidence == doctest::Approx(0.85));
    const Said bold = read_said("So it is.\n**Final answer:** 1,000 km.\n\n**Confidence: 90%**\n");
    CHECK(bold.brief == "1,000 km.");
    CHECK(bold.confidence == doctest::Approx(0.9));
    CHECK(bold.text == "So it is.");
    CHECK(read_said("x\nAnswer: y\nConfidence: 0.4").confidence == doctest::Approx(0.4));
    CHECK(read_said("x\nAnswer: y\nConfidence: 70/100").confidence == doctest::Approx(0.7));
  }

  TEST_CASE("what is not there is not made up") {
    const Said plain = read_said("Paris is the capital.");
    CHECK(plain.text == "Paris is the capital.");
    CHECK(plain.brief.empty());
    CHECK_FALSE(plain.confidence);
    CHECK_FALSE(read_said("x\nConfidence: high").confidence);
    CHECK_FALSE(read_said("x\nConfidence: 400").confidence);
    CHECK_FALSE(read_said("x\nConfidence: -3").confidence);
    CHECK(read_said("A poem.\nAnswer: -\nConfidence: 50").brief.empty());
    CHECK(read_said("Answer the phone: it rings").text == "Answer the phone: it rings");
    CHECK(read_said("").text.empty());
  }

  TEST_CASE("a boxed result is an answer in short") {
    CHECK(read_said("Hence $\\boxed{42}$ follows.").brief == "42");
    CHECK(read_said("Hence \\boxed{\\frac{1}{2}}.").brief == "\\frac{1}{2}");
    CHECK(read_said("broken \\boxed{42").brief.empty());
  }

  TEST_CASE("an answer alone is told, too") {
    const Said said = read_said("Answer: 7\nConfidence: 99");
    CHECK(said.text == "7");
    CHECK(said.brief == "7");
  }

  TEST_CASE("short answers that agree") {
    CHECK(agree("Paris", "paris."));
    CHECK(agree("The answer is Paris", "**Paris**"));
    CHECK(agree("Paris", "Paris, France"));
    CHECK(agree("42", "The result is 42."));
    CHECK(agree("long talk\nAnswer: 1,000\nConfidence: 9", "other words\nAnswer: 1000.0\nConfidence: 80"));
    CHECK(agree("Yes", "Yes, it is."));
    CHECK(agree("No", "false"));
    CHECK(likeness("Paris", "PARIS").measure == Measure::same_words);
    CHECK(likeness("50 %", "50 percent").measure == Measure::same_words);
    CHECK(likeness("7 apples", "seven").measure == Measure::number);
    CHECK(likeness("yes", "no").measure == Measure::yes_no);
  }

  TEST_CASE("short answers that do not") {
    CHECK_FALSE(agree("Paris", "London"));
    CHECK_FALSE(agree("42", "43"));
    CHECK_FALSE(agree("Yes", "No"));
    CHECK_FALSE(agree("Yes, it is prime", "No, it is prime"));
    CHECK_FALSE(agree("It is prime", "It is not prime"));
    CHECK_FALSE(agree("Paris", "Paris or London"));
    CHECK_FALSE(agree("Version 2 of HTTP", "Version 3 of HTTP"));
    CHECK_FALSE(agree("42 km", "42 miles"));
    CHECK_FALSE(agree("Same words\nAnswer: 5\nConfidence: 9", "Same words\nAnswer: 6\nConfidence: 9"));
  }

  TEST_CASE("texts") {
    CHECK(agree(kSafe, kSafe));
    CHECK(agree(kSafe,
                "Because its steel girders were renewed in 2019, and since the inspection found no cracks, "
                "the bridge is safe "
                "for heavy lorries."));
    CHECK_FALSE(agree(kSafe, kUnsafe));
    CHECK_FALSE(agree(kSafe,
                      "Bake the bread for forty minutes in a hot oven, then let it rest on a wire rack until "
                      "it has cooled down."));
    CHECK(likeness(kSafe, kUnsafe).measure == Measure::text);
    CHECK(agree("日本の首都は東京です", "日本の首都は東京です。"));
  }

  TEST_CASE("vectors tell what words cannot, and no more") {
    const std::vector<Said> said = {read_said("a red roof"), read_said("crimson tiles"),
                                    read_said("no crimson tiles"), read_said("7"), read_said("8")};
    const std::vector<std::vector<double>> vectors = {{1, 0}, {0.9, 0.1}, {0.9, 0.1}, {1, 0}, {1, 0}};
    Matrix m = compare_all(said);
    CHECK(m.at(0, 1).value == 0);
    use_vectors(m, vectors);
    CHECK(m.at(0, 1).value > 0.9);
    CHECK(m.at(0, 1).measure == Measure::embedding);
    CHECK(m.at(1, 2).value == 0);  // "no"
    CHECK(m.at(3, 4).value == 0);  // numbers are numbers
    CHECK(m.at(3, 4).measure == Measure::number);
    const std::vector<double> a = {1, 1}, b = {-1, -1}, c = {1}, zero = {0, 0};
    CHECK(cosine(a, a) == doctest::Approx(1));
    CHECK(cosine(a, b) == 0);
    CHECK(cosine(a, c) == 0);
    CHECK(cosine(a, zero) == 0);
  }

  TEST_CASE("a matrix has every pair") {
    const std::vector<Said> said = {read_said("4"), read_said("four"), read_said("5")};
    const Matrix m = compare_all(said);
    CHECK(m.at(0, 1).value == 1);
    CHECK(m.at(1, 0).value == 1);
    CHECK(m.at(0, 2).value == 0);
    CHECK(m.mean() == doctest::Approx(1.0 / 3));
    const std::vector<std::size_t> all = {0, 1, 2};
    CHECK(m.mean_of(0, all) == doctest::Approx(0.5));
    CHECK(Matrix(1).mean() == 1);
  }
}
