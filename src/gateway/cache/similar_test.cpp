#include "gateway/cache/similar.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pb::gateway::cache;

namespace {

Vector unit(Vector v) {
  REQUIRE(normalise(v));
  return v;
}
Key key(std::uint64_t n) { return {{n, n}}; }

}  // namespace

TEST_SUITE("cache/similar") {
  TEST_CASE("the cosine, for any number of dimensions") {
    for (std::size_t n : {1u, 7u, 8u, 9u, 1536u}) {
      Vector a(n), b(n);
      double sum = 0, aa = 0, bb = 0;
      for (std::size_t i = 0; i < n; ++i) {
        a[i] = static_cast<float>(std::sin(i + 1.0));
        b[i] = static_cast<float>(std::cos(3.0 * i));
        sum += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
      }
      CHECK(cosine(unit(a), unit(b)) == doctest::Approx(sum / std::sqrt(aa * bb)).epsilon(1e-4));
      CHECK(cosine(unit(a), unit(a)) == doctest::Approx(1));
    }
    Vector none(4, 0.0F), bad(4, std::numeric_limits<float>::quiet_NaN());
    CHECK(!normalise(none));
    CHECK(!normalise(bad));
  }
  TEST_CASE("the most alike of the same group, from the threshold on") {
    Similar s;
    s.add(key(1), key(11), unit({1, 0}), 10);
    s.add(key(1), key(12), unit({1, 1}), 10);
    s.add(key(2), key(13), unit({0, 1}), 10);
    s.add(key(1), key(14), unit({1, 1, 1}), 10);
    const Vector v = unit({1, 0.9F});
    CHECK(s.find(key(1), v, 0.5F)->entry == key(12));
    CHECK(!s.find(key(1), v, 0.9999F));
    CHECK(!s.find(key(3), v, 0.1F));
    CHECK(s.find(key(2), v, 0.1F)->entry == key(13));
    s.remove(key(1), key(12));
    CHECK(s.find(key(1), v, 0.5F)->entry == key(11));
    CHECK(s.size() == 3);
  }
  TEST_CASE("bounded: the oldest goes") {
    Similar s;
    for (std::uint64_t i = 0; i < 10; ++i) s.add(key(i % 2), key(i), unit({1, static_cast<float>(i)}), 4);
    CHECK(s.size() == 4);
    CHECK(!s.find(key(0), unit({1, 0}), 0.999F));
    CHECK(s.find(key(1), unit({1, 9}), 0.9999F)->entry == key(9));
    s.add(key(1), key(9), unit({1, 0}), 4);  // the same answer: one place
    CHECK(s.size() == 4);
    s.add(key(1), key(77), Vector(kDimensionsMax + 1, 1), 4);
    CHECK(s.size() == 4);
  }
}
