#include "mcp/stateless.h"

#include <doctest/doctest.h>

namespace pb::mcp {
namespace {

constexpr std::string_view kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

std::shared_ptr<Document> request(std::string_view method, std::string_view params) {
  return parse_messages(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + R"(","params":{)" +
                        std::string(params) + "}}");
}

net::Headers headers(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  net::Headers h;
  for (const auto& [name, value] : list) h.add(name, value);
  return h;
}

int code(const Outcome<Meta>& meta) { return meta ? 0 : meta.error().code; }

TEST_SUITE("mcp stateless requests") {
  TEST_CASE("which requests they are") {
    const auto with = request("tools/list", kMeta), without = request("tools/list", "");
    const net::Headers none, modern = headers({{"MCP-Protocol-Version", "2026-07-28"}}),
                             old = headers({{"MCP-Protocol-Version", "2025-11-25"}});
    CHECK(is_stateless(with->messages[0], &none));
    CHECK(is_stateless(with->messages[0], nullptr));
    CHECK(is_stateless(without->messages[0], &modern));
    CHECK_FALSE(is_stateless(without->messages[0], &old));
    CHECK_FALSE(is_stateless(without->messages[0], nullptr));
    CHECK(is_stateless(request("server/discover", "")->messages[0], nullptr));
  }

  TEST_CASE("what _meta must have") {
    CHECK(code(read_meta(request("tools/list", "")->messages[0], nullptr)) == kInvalidParams);
    CHECK(read_meta(request("tools/list", "")->messages[0], nullptr).error().status == 400);
    CHECK(code(read_meta(request("tools/list", R"("_meta":{"io.modelcontextprotocol/clientCapabilities":{}})")
                             ->messages[0],
                         nullptr)) == kInvalidParams);
    CHECK(code(read_meta(
              request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})")
                  ->messages[0],
              nullptr)) == kInvalidParams);
    CHECK(
        code(read_meta(
            request(
                "tools/list",
                R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25","io.modelcontextprotocol/clientCapabilities":{}})")
                ->messages[0],
            nullptr)) == kUnsupportedVersion);
    CHECK(read_meta(request("tools/list", kMeta)->messages[0], nullptr));
  }

  TEST_CASE("headers must say what the body says") {
    const auto call = request("tools/call", std::string(R"("name":"weather",)") + std::string(kMeta));
    const auto with = [&](std::string_view version, std::string_view method, std::string_view name) {
      net::Headers h;
      if (!version.empty()) h.add("MCP-Protocol-Version", version);
      if (!method.empty()) h.add("mcp-method", method);
      if (!name.empty()) h.add("MCP-NAME", name);
      return code(read_meta(call->messages[0], &h));
    };
    CHECK(with("2026-07-28", "tools/call", "weather") == 0);
    CHECK(with("2026-07-28", "tools/call", "=?base64?d2VhdGhlcg==?=") == 0);
    CHECK(with("", "tools/call", "weather") == kHeaderMismatch);
    CHECK(with("2025-11-25", "tools/call", "weather") == kHeaderMismatch);
    CHECK(with("2026-07-28", "", "weather") == kHeaderMismatch);
    CHECK(with("2026-07-28", "Tools/Call", "weather") == kHeaderMismatch);
    CHECK(with("2026-07-28", "tools/call", "") == kHeaderMismatch);
    CHECK(with("2026-07-28", "tools/call", "Weather") == kHeaderMismatch);
    CHECK(with("2026-07-28", "tools/call", "=?base64?!!?=") == kHeaderMismatch);
  }

  TEST_CASE("arguments that stand in headers") {
    json::Arena arena;
    Tool tool;
    tool.headers = *header_arguments(*json::parse(
        R"({"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},
            "deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}})",
        arena));
    REQUIRE(tool.headers.size() == 2);
    const auto check = [&](std::string_view arguments, net::Headers h) {
      return static_cast<bool>(check_argument_headers(tool, *json::parse(arguments, arena), h));
    };
    CHECK(check(R"({"region":"eu"})", headers({{"Mcp-Param-Region", "eu"}})));
    CHECK_FALSE(check(R"({"region":"eu"})", headers({{"Mcp-Param-Region", "us"}})));
    CHECK_FALSE(check(R"({"region":"eu"})", {}));
    CHECK_FALSE(check("{}", headers({{"Mcp-Param-Region", "eu"}})));
    CHECK(check(R"({"region":null})", {}));
    CHECK(check(R"({"deep":{"n":42}})", headers({{"mcp-param-n", "42.0"}})));
    CHECK_FALSE(check(R"({"deep":{"n":42}})", headers({{"mcp-param-n", "43"}})));
    CHECK(check(R"({"region":"世"})", headers({{"Mcp-Param-Region", "=?base64?5LiW?="}})));
  }

  TEST_CASE("marks in a schema where they may not be") {
    json::Arena arena;
    for (
        std::string_view bad :
        {R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})",
         R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})",
         R"({"properties":{"a":{"type":"string","x-mcp-header":"A b"}}})",
         R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}})",
         R"({"properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}})",
         R"({"anyOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})"})
      CHECK_FALSE(header_arguments(*json::parse(bad, arena)));
  }
}

}  // namespace
}  // namespace pb::mcp
