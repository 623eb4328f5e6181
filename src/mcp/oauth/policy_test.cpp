#include "mcp/oauth/policy.h"

#include <doctest/doctest.h>

using namespace pb;
using namespace pb::mcp;

namespace {

config::McpOAuth options() {
  config::McpOAuth o;
  o.issuer = "https://login.test/realm";
  o.resource = "https://gw.test/mcp";
  o.scopes_required = {"mcp"};
  o.scopes_tools = {{"bench_*", "bench:run"}, {"*_all", "wide"}};
  o.scopes_implies = {{"admin", "ops bench:run"}, {"ops", "mcp"}, {"loop", "admin loop"}};
  return o;
}

Grant grant(Scopes scopes) {
  Grant g;
  g.policy = make_policy(options(), {});
  g.scopes = g.policy->scopes.widened(std::move(scopes));
  return g;
}

Scopes missing(const Grant& g, const std::string& text) { return missing_scopes(g, *parse_messages(text)); }

std::string call(std::string_view tool) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + std::string(tool) + "\"}}";
}

}  // namespace

TEST_SUITE("oauth") {
  TEST_CASE("a policy is made of the configuration") {
    CHECK(make_policy({}, "http://127.0.0.1:1/mcp") == nullptr);
    const auto policy = make_policy(options(), {});
    CHECK(policy->audiences == std::vector<std::string>{"https://gw.test/mcp"});
    CHECK(policy->algs.size() == 4);
    CHECK(policy->leeway_s == 30);
    config::McpOAuth bare;
    bare.issuer = "https://login.test";
    bare.algorithms = {"ES256"};
    bare.audience = {"api"};
    const auto small = make_policy(bare, "http://127.0.0.1:1/mcp");
    CHECK(small->resource == "http://127.0.0.1:1/mcp");
    CHECK(small->audiences == std::vector<std::string>{"api"});
    CHECK(small->algs == std::vector{jwt::Alg::es256});
    CHECK_FALSE(metadata_json(*small).contains("scopes_supported"));
  }

  TEST_CASE("where the metadata is (RFC 9728 3.1)") {
    const std::string at = "/.well-known/oauth-protected-resource";
    CHECK(metadata_url("https://gw.test/mcp") == "https://gw.test" + at + "/mcp");
    CHECK(metadata_url("https://gw.test:8443/a/b") == "https://gw.test:8443" + at + "/a/b");
    CHECK(metadata_url("https://gw.test") == "https://gw.test" + at);
    CHECK(metadata_url("https://gw.test/") == "https://gw.test" + at);
    auto o = options();
    o.resource = "https://gw.test/deep/mcp";
    const auto policy = make_policy(o, {});
    for (const char* below : {"", "mcp", "/mcp", "sse", "deep/mcp"}) CHECK(has_metadata(*policy, below));
    for (const char* below : {"deep", "mcp2", "v1/models", "x/mcp"})
      CHECK_FALSE(has_metadata(*policy, below));
  }

  TEST_CASE("the metadata and the challenges") {
    const auto policy = make_policy(options(), {});
    CHECK(metadata_json(*policy) ==
          R"({"resource":"https://gw.test/mcp","authorization_servers":["https://login.test/realm"],)"
          R"("scopes_supported":["mcp"],"bearer_methods_supported":["header"],"resource_name":"Patchbay"})");
    const std::string where =
        R"(resource_metadata="https://gw.test/.well-known/oauth-protected-resource/mcp")";
    CHECK(challenge(*policy, "", "", {"mcp"}) == "Bearer " + where + R"(, scope="mcp")");
    CHECK(challenge(*policy, "", "", {}) == "Bearer " + where);
    CHECK(challenge(*policy, "insufficient_scope", "not enough", {"a", "b"}) ==
          R"(Bearer error="insufficient_scope", )" + where +
              R"(, scope="a b", error_description="not enough")");
  }

  TEST_CASE("scopes") {
    CHECK(split_scopes("  a b  a ") == Scopes{"a", "b"});
    CHECK(split_scopes("").empty());
    CHECK(join_scopes({"a", "b"}) == "a b");
    CHECK(is_scope("bench:run"));
    for (const char* bad : {"", "a b", "a\"", "a\\", "\x7f", "ü"}) CHECK_FALSE(is_scope(bad));
  }

  TEST_CASE("what a call needs") {
    const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
    CHECK(missing(grant({"mcp"}), list).empty());
    CHECK(missing(grant({}), list) == Scopes{"mcp"});
    CHECK(missing(grant({"mcp"}), call("list_models")).empty());
    // All of it at once, also what the token has already.
    CHECK(missing(grant({"mcp"}), call("bench_all")) == Scopes{"mcp", "bench:run", "wide"});
    CHECK(missing(grant({}), call("bench_x")) == Scopes{"mcp", "bench:run"});
    CHECK(missing(grant({"mcp", "bench:run", "wide"}), call("bench_all")).empty());
    // Tools' scopes do not stand for those that everything needs.
    CHECK(missing(grant({"bench:run"}), call("bench_x")) == Scopes{"mcp", "bench:run"});
  }

  TEST_CASE("a wide scope stands for narrow ones") {
    CHECK(missing(grant({"admin"}), call("bench_x")).empty());
    CHECK(missing(grant({"loop"}), call("bench_x")).empty());
    CHECK(missing(grant({"ops"}), call("bench_x")) == Scopes{"mcp", "bench:run"});
    CHECK(missing(grant({"admin"}), call("bench_all")) == Scopes{"mcp", "bench:run", "wide"});
  }

  TEST_CASE("a batch needs what all its calls need") {
    const std::string batch = "[" + call("list_models") + "," + call("bench_x") + "," + call("x_all") + "]";
    CHECK(missing(grant({"mcp"}), batch) == Scopes{"mcp", "bench:run", "wide"});
    CHECK(missing(grant({"mcp", "bench:run", "wide"}), batch).empty());
    const std::string told = R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"bench_x"}})";
    CHECK(missing(grant({"mcp"}), told).empty());  // a notification calls nothing
  }
}
