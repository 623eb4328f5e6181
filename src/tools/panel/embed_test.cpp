#include "tools/panel/embed.h"

#include <doctest/doctest.h>

using namespace pb::tools::panel;

TEST_SUITE("panel embeddings") {
  TEST_CASE("vectors in the texts' order") {
    const auto v = read_vectors(
        R"({"data":[{"index":0,"embedding":[1,0.5]},{"index":1,"embedding":[0,-1]}],"usage":{"total_tokens":7}})",
        2);
    REQUIRE(v);
    CHECK(v->of == std::vector<std::vector<double>>{{1, 0.5}, {0, -1}});
    CHECK(v->tokens == 7);
  }

  TEST_CASE("what is none is an error") {
    CHECK(read_vectors(R"({"data":[{"embedding":[1]}]})", 2).error().message ==
          "there are 1 embeddings for 2 texts");
    CHECK_FALSE(read_vectors(R"({"data":[{"embedding":[1]},{"embedding":[1,2]}]})", 2));
    CHECK_FALSE(read_vectors(R"({"data":[{"embedding":"AACAPw=="}]})", 1));
    CHECK_FALSE(read_vectors("no", 1));
  }
}
