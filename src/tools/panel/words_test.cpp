#include "tools/panel/words.h"

#include <doctest/doctest.h>

using namespace pb::tools::panel;

namespace {

bool same_text(std::string_view a, std::string_view b) {
  const auto x = quantity_of(words_of(a)), y = quantity_of(words_of(b));
  return x && y && same(*x, *y);
}

}  // namespace

TEST_SUITE("panel words") {
  TEST_CASE("case, markup and punctuation go") {
    CHECK(normalised("**Paris**, of course!") == "paris of course");
    CHECK(normalised("“Don’t” — don't…") == "dont dont");
    CHECK(normalised("ÄRGER Ñandú ΣΟΦΟΣ МИР") == "ärger ñandú σοφοσ мир");
    CHECK(normalised("") == "");
    CHECK(normalised("...") == "");
    CHECK(normalised("東京です") == "東 京 で す");
    CHECK(normalised("bad \xff byte") == "bad byte");
  }

  TEST_CASE("numbers are one word each") {
    CHECK(normalised("1,234,567.5 km") == "1234567.5 km");
    CHECK(normalised("1,5 or 3.14.") == "1.5 or 3.14");
    CHECK(normalised("-5 a-5 5-3") == "-5 a 5 5 3");
    CHECK(normalised("−7") == "-7");
    CHECK(normalised("50% fifty percent $5") == "50 % fifty % $ 5");
    CHECK(normalised("1, 2, 3") == "1 2 3");
    CHECK(normalised("6.02e23 1e-3") == "6.02e23 1e-3");
  }

  TEST_CASE("equal quantities, however they are written") {
    CHECK(same_text("42", "The answer is 42."));
    CHECK(same_text("1,000", "1000"));
    CHECK(same_text("1000", "1e3"));
    CHECK(same_text("1/2", "0.5"));
    CHECK(same_text("3 million people", "3,000,000"));
    CHECK(same_text("seven", "7"));
    CHECK(same_text("42 km", "42"));
    CHECK(same_text("50%", "50 percent"));
    CHECK(same_text("3.14", "3.14159"));
    CHECK(same_text("5 apples", "5 apple"));
  }

  TEST_CASE("others are not") {
    CHECK_FALSE(same_text("42", "43"));
    CHECK_FALSE(same_text("42 km", "42 miles"));
    CHECK_FALSE(same_text("3.14", "3.15159"));
    CHECK_FALSE(same_text("3", "3.14159"));  // too coarse to be a rounding
    CHECK_FALSE(same_text("5", "-5"));
    CHECK_FALSE(same_text("50%", "0.5"));
    CHECK_FALSE(same_text("not 42", "42"));
    CHECK_FALSE(same_text("between 3 and 4", "3"));
    CHECK_FALSE(same_text("Paris", "Paris"));  // no quantities
    CHECK_FALSE(same_text("1/0", "1"));
  }

  TEST_CASE("stems") {
    CHECK(stem("models") == "model");
    CHECK(stem("cities") == "city");
    CHECK(stem("boxes") == "box");
    CHECK(stem("is") == "is");
    CHECK(stem("glass") == "glass");
    CHECK(stem("running") == "runn");
  }
}
