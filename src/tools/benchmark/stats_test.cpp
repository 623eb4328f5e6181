#include "tools/benchmark/stats.h"

#include <doctest/doctest.h>

namespace pb::tools::bench {

TEST_SUITE("benchmark statistics") {
  TEST_CASE("means, deviations and percentiles of known figures") {
    const std::vector<double> v = {2, 4, 4, 4, 5, 5, 7, 9};
    CHECK(mean(v) == doctest::Approx(5));
    CHECK(deviation(v) == doctest::Approx(2.1380899));  // of the sample: sqrt(32/7)
    CHECK(percentile(v, 0.5) == 4);
    CHECK(percentile(v, 0.95) == 9);
    CHECK(percentile(v, 0) == 2);
    CHECK(percentile(v, 1) == 9);
    std::vector<double> hundred;
    for (int i = 100; i >= 1; --i) hundred.push_back(i);
    CHECK(percentile(hundred, 0.5) == 50);
    CHECK(percentile(hundred, 0.95) == 95);
    CHECK(mean({}) == 0);
    CHECK(percentile({}, 0.5) == 0);
  }

  TEST_CASE("Student's t as in the tables") {
    CHECK(student_t(1) == doctest::Approx(12.706).epsilon(1e-4));
    CHECK(student_t(2) == doctest::Approx(4.303).epsilon(1e-4));
    CHECK(student_t(9) == doctest::Approx(2.262).epsilon(1e-4));
    CHECK(student_t(30) == doctest::Approx(2.042272).epsilon(1e-6));
    CHECK(student_t(31) == doctest::Approx(2.039513).epsilon(1e-6));
    CHECK(student_t(60) == doctest::Approx(2.000298).epsilon(1e-6));
    CHECK(student_t(120) == doctest::Approx(1.979930).epsilon(1e-6));
    CHECK(student_t(1'000'000) == doctest::Approx(1.959966).epsilon(1e-6));
    for (std::size_t n = 1; n < 200; ++n) CHECK(student_t(n) > student_t(n + 1));
  }

  TEST_CASE("the interval of a mean; none of one value") {
    const std::vector<double> v = {2, 4, 4, 4, 5, 5, 7, 9};
    const auto i = mean_interval(v);  // 5 ± 2.364624 · 2.13809 / sqrt(8)
    REQUIRE(i);
    CHECK(i->low == doctest::Approx(3.21251).epsilon(1e-5));
    CHECK(i->high == doctest::Approx(6.78749).epsilon(1e-5));
    CHECK_FALSE(mean_interval(std::vector<double>{3}));
    CHECK_FALSE(mean_interval({}));
    CHECK(mean_interval(std::vector<double>{3, 3})->low == 3);
  }

  TEST_CASE("Wilson's intervals as Newcombe (1998) prints them") {
    const auto is = [](std::size_t x, std::size_t n, double low, double high) {
      const auto i = wilson(x, n);
      REQUIRE(i);
      CHECK(i->low == doctest::Approx(low).epsilon(0.001));
      CHECK(i->high == doctest::Approx(high).epsilon(0.001));
    };
    is(81, 263, 0.2553, 0.3662);
    is(15, 148, 0.0624, 0.1605);
    is(0, 20, 0.0, 0.1611);
    is(1, 29, 0.0061, 0.1718);
    is(10, 10, 0.7225, 1.0);
    is(1, 1, 0.2065, 1.0);
    CHECK_FALSE(wilson(0, 0));
  }

  TEST_CASE("a column's spread; of one value there is no interval") {
    const Spread s = spread({30, 10, 20});
    CHECK(s.n == 3);
    CHECK(s.mean == 20);
    CHECK(s.min == 10);
    CHECK(s.max == 30);
    CHECK(s.p50 == 20);
    CHECK(s.p95 == 30);
    CHECK(s.sum == 60);
    CHECK(s.deviation == 10);
    REQUIRE(s.interval);
    CHECK(s.interval->low == doctest::Approx(20 - 4.302653 * 10 / 1.7320508));
    CHECK_FALSE(spread({7}).interval);
    CHECK(spread({}).n == 0);
  }

  TEST_CASE("intervals overlap where they share a point") {
    CHECK(overlap({1, 2}, {2, 3}));
    CHECK(overlap({1, 5}, {2, 3}));
    CHECK_FALSE(overlap({1, 2}, {2.1, 3}));
  }
}

}  // namespace pb::tools::bench
