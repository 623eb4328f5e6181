#include <doctest/doctest.h>

#include "config/load.h"

using namespace pb::config;

namespace {

Loaded read(const std::string& text) {
  Environment env;
  env.get = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PATCHBAY_MCP_OAUTH_LEEWAY") return "5";
    return std::nullopt;
  };
  return load_text(text, "x.yaml", env, {});
}

std::string fault(const std::string& oauth, const std::string& more = {}) {
  const Loaded got = read("mcp: {oauth: {" + oauth + "}}\n" + more);
  std::string out;
  for (const Mistake& m : got.mistakes) out += m.text() + "\n";
  return out;
}

const std::string kIssuer = "issuer: 'https://login.test', resource: 'https://gw.test/mcp'";

}  // namespace

TEST_SUITE("config") {
  TEST_CASE("mcp.oauth: all of it") {
    const Loaded got = read(R"(
mcp:
  oauth:
    issuer: https://login.test/realm
    resource: https://gw.test/mcp
    algorithms: [ES256]
    keys_stale: 1h
    scopes:
      required: [mcp]
      tools: {"bench_*": "bench:run bench:read", health_check: ops}
      implies: {admin: "mcp ops"}
    key_claim: "https://gw.test/key"
)");
    for (const Mistake& m : got.mistakes) CHECK_MESSAGE(false, m.text());
    const McpOAuth& o = got.config.mcp_oauth;
    CHECK(o.issuer == "https://login.test/realm");
    CHECK(o.algorithms == std::vector<std::string>{"ES256"});
    CHECK(o.keys_stale_ms == 3'600'000);
    CHECK(o.leeway_ms == 5000);
    CHECK(o.scopes_tools.size() == 2);
    CHECK(o.scopes_tools[0] == std::pair<std::string, std::string>("bench_*", "bench:run bench:read"));
    CHECK(o.scopes_implies[0].second == "mcp ops");
    CHECK(show(got.config, false).contains("bench:run bench:read"));
  }

  TEST_CASE("mcp.oauth: mistakes") {
    CHECK(fault(kIssuer).empty());
    CHECK(fault("resource: 'https://gw.test/mcp'").contains("mcp.oauth: `issuer` is missing"));
    CHECK(fault("issuer: login").contains("mcp.oauth.issuer"));
    CHECK(fault("issuer: 'http://login.test'").contains("must begin with https://"));
    CHECK(fault("issuer: 'http://127.0.0.1.login.test'").contains("must begin with https://"));
    CHECK(fault("issuer: 'http://127.0.0.1:8080/x'").empty());
    CHECK(fault("issuer: 'http://localhost'").empty());
    CHECK(fault("issuer: 'http://[::1]'").empty());
    CHECK(fault(kIssuer + ", jwks_url: 'http://login.test/jwks'").contains("mcp.oauth.jwks_url"));
    CHECK(
        fault("issuer: 'https://login.test'", "server: {listen: '0.0.0.0:1', keys: [a-long-enough-key-1]}\n")
            .contains("mcp.oauth.resource: is missing"));
    CHECK(fault(kIssuer + ", algorithms: [HS256]").contains("unknown value `HS256`; did you mean `"));
    CHECK(fault(kIssuer + ", algorithms: [none]").contains("unknown value `none`"));
    CHECK(fault(kIssuer + ", algorithms: []").contains("one at least"));
    CHECK(fault(kIssuer + ", scopes: {required: ['a b']}").contains("mcp.oauth.scopes.required: a scope is"));
    CHECK(fault(kIssuer + ", scopes: {tools: {x: ''}}").contains("mcp.oauth.scopes.tools.x"));
    CHECK(fault(kIssuer + ", scopes: {tools: {x: [a]}}").contains("mcp.oauth.scopes.tools.x: expected text"));
    CHECK(fault(kIssuer + ", scopes: {tools: [x]}").contains("expected a map of text, found a list"));
    CHECK(fault(kIssuer + ", team_claim: team").contains("there are no `teams`"));
    CHECK(fault(kIssuer + ", team_claim: team, key: k", "teams: {t: {}}\n").contains("cannot stand beside"));
    CHECK(fault(kIssuer + ", isuer: x").contains("did you mean `issuer`"));
  }
}
