#include "base/base64.h"

#include <doctest/doctest.h>

namespace pb {

TEST_SUITE("base64") {
  TEST_CASE("RFC 4648 §10") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
      CHECK(base64_encode(plain) == coded);
      CHECK(base64_decode(coded) == plain);
    }
  }

  TEST_CASE("every byte survives; the URL alphabet and missing padding are read") {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(base64_decode(base64_encode(all)) == all);
    for (std::size_t n = 0; n <= all.size(); ++n) {
      const std::string coded = base64_encode(all.substr(0, n));
      CHECK(coded.size() == (n + 2) / 3 * 4);
      CHECK(base64_decode(coded) == all.substr(0, n));
    }
    for (std::size_t i = 0; i < 8; ++i)
      CHECK_FALSE(base64_decode(std::string("AAAAAAAA").replace(i, 1, "\xff")));
    CHECK(base64_decode("_-8") == base64_decode("/+8="));
    CHECK_FALSE(base64_decode("a"));
    CHECK_FALSE(base64_decode("a b="));
    CHECK_FALSE(base64_decode("====="));
  }
}

}  // namespace pb
