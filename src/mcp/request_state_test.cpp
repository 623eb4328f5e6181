#include "mcp/request_state.h"

#include <doctest/doctest.h>

#include "base/limits_mcp.h"

namespace pb::mcp {
namespace {

TEST_SUITE("mcp request state") {
  TEST_CASE("opens for the same request of the same caller, in time") {
    const StateSeal seal = StateSeal::random();
    Answers answers;
    answers.put("name", R"({"action":"accept"})");
    const StateSeal::Scope scope{"ann", "tools/call", "digest"};
    const std::string state = seal.seal(scope, answers, 1000);
    const auto opened = seal.open(state, scope, 2000);
    REQUIRE(opened);
    CHECK((*opened)["name"]["action"].as_string() == "accept");
    CHECK(state != seal.seal(scope, answers, 1000));

    CHECK_FALSE(seal.open(state, {"bob", "tools/call", "digest"}, 2000));
    CHECK_FALSE(seal.open(state, {"ann", "prompts/get", "digest"}, 2000));
    CHECK_FALSE(seal.open(state, {"ann", "tools/call", "other"}, 2000));
    CHECK_FALSE(seal.open(state, scope, 1001 + limits::kMcpRoundsMs));
    CHECK_FALSE(StateSeal::random().open(state, scope, 2000));
  }

  TEST_CASE("a changed byte anywhere is seen") {
    const StateSeal seal = StateSeal::random();
    const StateSeal::Scope scope{"", "tools/call", "d"};
    const std::string state = seal.seal(scope, {}, 1);
    for (std::size_t i = 0; i < state.size(); ++i) {
      std::string changed = state;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      if (changed.ends_with("=") != state.ends_with("=") || changed[i] == state[i]) continue;
      const auto opened = seal.open(changed, scope, 1);
      CHECK_FALSE(opened);
      if (!opened) CHECK(opened.error().code == kInvalidParams);
    }
    CHECK_FALSE(seal.open("", scope, 1));
    CHECK_FALSE(seal.open("%%%", scope, 1));
    CHECK_FALSE(seal.open(std::string(limits::kMcpStateBytesMax + 1, 'A'), scope, 1));
  }

  TEST_CASE("the digest is of what the client asked, not of how it wrote it") {
    json::Arena arena;
    const auto digest = [&](std::string_view text) { return request_digest(*json::parse(text, arena)); };
    CHECK(
        digest(R"({"name":"t","arguments":{"a":1,"b":2}})") ==
        digest(
            R"({"arguments":{"b":2,"a":1},"name":"t","_meta":{"x":1},"requestState":"s","inputResponses":{}})"));
    CHECK(digest(R"({"name":"t","arguments":{"a":1}})") != digest(R"({"name":"t","arguments":{"a":2}})"));
  }
}

}  // namespace
}  // namespace pb::mcp
