#include "mcp/json_rpc.h"

#include <doctest/doctest.h>

namespace pb::mcp {
namespace {

// Code of the one broken message, and its id; 0 when it is none.
std::pair<int, Id> broken(std::string text) {
  const auto doc = parse_messages(std::move(text));
  const Message& m = doc->messages.front();
  return {m.kind == Kind::broken ? m.fault.code : 0, m.id};
}

TEST_SUITE("mcp json-rpc") {
  TEST_CASE("requests, notifications and responses") {
    auto doc = parse_messages(R"({"jsonrpc":"2.0","id":"a\"b","method":"x","params":{"k":1}})");
    REQUIRE(doc->messages.size() == 1);
    CHECK(doc->messages[0].kind == Kind::request);
    CHECK(doc->messages[0].id == R"("a\"b")");
    CHECK(doc->messages[0].params["k"].as_int() == 1);
    CHECK_FALSE(doc->batch);
    CHECK(parse_messages(R"({"jsonrpc":"2.0","method":"x"})")->messages[0].kind == Kind::notification);
    doc = parse_messages(R"({"jsonrpc":"2.0","id":7,"result":{}})");
    CHECK(doc->messages[0].kind == Kind::response);
    CHECK(doc->messages[0].id == "7");
    CHECK(parse_messages(R"({"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"m"}})")->messages[0].kind ==
          Kind::response);
    CHECK(
        parse_messages(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})")->messages[0].kind ==
        Kind::response);
  }

  TEST_CASE("one id is one text, however it is written") {
    CHECK(parse_messages(R"({"jsonrpc":"2.0","id":1.0,"method":"x"})")->messages[0].id == "1");
    CHECK(parse_messages(R"({"jsonrpc":"2.0","id":"\u0061","method":"x"})")->messages[0].id == "\"a\"");
    CHECK(parse_messages(R"({"jsonrpc":"2.0","id":"1","method":"x"})")->messages[0].id == "\"1\"");
  }

  TEST_CASE("what is no message is told so") {
    CHECK(broken("{").first == kParseError);
    CHECK(broken("").first == kParseError);
    CHECK(broken("1").first == kInvalidRequest);
    CHECK(broken("[]").first == kInvalidRequest);
    CHECK(broken(R"({"id":3,"method":"x"})") == std::pair<int, Id>(kInvalidRequest, "3"));
    CHECK(broken(R"({"jsonrpc":"1.0","id":3,"method":"x"})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":null,"method":"x"})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":1.5,"method":"x"})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":{},"method":"x"})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":4,"method":"x","params":[1]})") ==
          std::pair<int, Id>(kInvalidRequest, "4"));
    CHECK(broken(R"({"jsonrpc":"2.0","id":4,"method":5})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":4})").first == kInvalidRequest);
    CHECK(broken(R"({"jsonrpc":"2.0","id":4,"result":{},"error":{}})").first == kInvalidRequest);
    CHECK(broken(std::string(200, '[') + std::string(200, ']')).first == kParseError);
  }

  TEST_CASE("a batch keeps its messages, also broken ones") {
    const auto doc =
        parse_messages(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},5,{"jsonrpc":"2.0","method":"n"}])");
    CHECK(doc->batch);
    REQUIRE(doc->messages.size() == 3);
    CHECK(doc->messages[1].kind == Kind::broken);
    CHECK(doc->messages[2].kind == Kind::notification);
    std::string many = "[";
    for (int i = 0; i < 101; ++i) many += (i == 0 ? "1" : ",1");
    CHECK(parse_messages(many + "]")->messages.size() == 1);
  }

  TEST_CASE("messages are one line") {
    CHECK(write_result("1", "{\n \"a\": [1,\n2]}") == R"({"jsonrpc":"2.0","id":1,"result":{"a":[1,2]}})");
    CHECK(write_error({}, fault(kParseError, "x\ny").error()) ==
          R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"x\ny"}})");
    CHECK(write_request("1", "m", "{\n}") == R"({"jsonrpc":"2.0","id":1,"method":"m","params":{}})");
    CHECK(write_notification("n", "") == R"({"jsonrpc":"2.0","method":"n"})");
  }
}

}  // namespace
}  // namespace pb::mcp
