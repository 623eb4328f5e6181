#include "base/digest.h"

#include <doctest/doctest.h>

#include <set>

using namespace pb;

TEST_SUITE("digest") {
  TEST_CASE("SHA-256 and its text") {  // FIPS 180-4's example
    const std::string hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(to_hex(sha256("abc")) == hex);
    CHECK(same_digest(digest_of_hex(hex), sha256("abc")));
    CHECK_FALSE(same_digest(sha256("abc"), sha256("abd")));
    CHECK(digest_of_hex("zz") == Digest{});
    CHECK(digest_of_hex(std::string(64, 'g')) == Digest{});
  }
  TEST_CASE("random texts are of letters and digits, and differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
      const std::string text = random_text(40);
      CHECK(text.size() == 40);
      CHECK(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
            text.npos);
      seen.insert(text);
    }
    CHECK(seen.size() == 100);
  }
}
