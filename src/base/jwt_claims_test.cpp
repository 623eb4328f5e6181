// What a verified token must say.
#include <doctest/doctest.h>

#include "base/jwt.h"

using namespace pb;
using namespace pb::jwt;

namespace {

const std::vector<std::string> kAudiences = {"https://gw.test/mcp", "other"};
constexpr std::int64_t kNow = 1000;

Result<std::shared_ptr<const Claims>> checked(std::string payload, std::string type = "at+jwt",
                                              bool only_at_jwt = false, std::int64_t now = kNow) {
  Token token;
  token.type = std::move(type);
  token.payload = std::move(payload);
  return check(std::move(token), {"https://issuer.test", kAudiences, 30, only_at_jwt}, now);
}

// Claims with some of them replaced; "" takes one away.
std::string claims(std::initializer_list<std::pair<const char*, std::string>> changed = {}) {
  std::vector<std::pair<std::string, std::string>> all = {{"iss", "\"https://issuer.test\""},
                                                          {"aud", "\"https://gw.test/mcp\""},
                                                          {"sub", "\"ann\""},
                                                          {"exp", "2000"},
                                                          {"scope", "\"a b\""}};
  for (const auto& [name, value] : changed) {
    std::erase_if(all, [&](const auto& c) { return c.first == name; });
    if (!value.empty()) all.emplace_back(name, value);
  }
  std::string out = "{";
  for (const auto& [name, value] : all) out += (out.size() == 1 ? "\"" : ",\"") + name + "\":" + value;
  return out + "}";
}

std::string fault(std::initializer_list<std::pair<const char*, std::string>> changed,
                  std::int64_t now = kNow) {
  const auto got = checked(claims(changed), "at+jwt", false, now);
  if (got) return {};
  CHECK(got.error().code == Code::unauthenticated);
  return got.error().message;
}

}  // namespace

TEST_SUITE("jwt") {
  TEST_CASE("claims of a good token") {
    const auto good = checked(claims({{"scp", R"(["b","c"])"}, {"team", R"("x\ny")"}}));
    REQUIRE(good.has_value());
    CHECK((*good)->subject == "ann");
    CHECK((*good)->scopes == std::vector<std::string>{"a", "b", "c"});
    CHECK((*good)->expires_s == 2000);
    CHECK((*good)->root["team"].as_string() == "x\ny");
    CHECK((*checked(claims({{"scope", R"("  a   a  ")"}})))->scopes == std::vector<std::string>{"a"});
    CHECK((*checked(claims({{"scope", ""}})))->scopes.empty());
    CHECK((*checked(claims({{"scp", "\"d e\""}, {"scope", ""}})))->scopes ==
          std::vector<std::string>{"d", "e"});
  }

  TEST_CASE("the issuer, letter by letter") {
    for (const char* other : {"\"https://issuer.test/\"", "\"https://ISSUER.test\"", "\"\"", "7",
                              "[\"https://issuer.test\"]", "null", ""})
      CHECK_MESSAGE(fault({{"iss", other}}).contains("another issuer"), other);
  }

  TEST_CASE("the audience") {
    CHECK(fault({{"aud", R"(["x","https://gw.test/mcp"])"}}).empty());
    CHECK(fault({{"aud", "\"other\""}}).empty());
    for (const char* other : {"\"https://gw.test\"", "\"https://gw.test/mcp/\"", "[]", "[\"x\"]", "7", "{}",
                              "[7,null,[\"other\"]]", ""})
      CHECK_MESSAGE(fault({{"aud", other}}).contains("not meant for this server"), other);
  }

  TEST_CASE("times, with a leeway of 30 seconds") {
    CHECK(fault({}, 2029).empty());
    CHECK(fault({}, 2030).contains("expired"));
    for (const char* bad : {"\"2000\"", "null", "-1", "1e400", "99999999999999", ""})
      CHECK_MESSAGE(fault({{"exp", bad}}).contains("when it expires"), bad);
    CHECK(fault({{"exp", "2000.5"}}, 2030).empty());
    CHECK(fault({{"nbf", "1030"}}).empty());
    CHECK(fault({{"nbf", "1031"}}).contains("not valid yet"));
    CHECK(fault({{"nbf", "\"0\""}}).contains("not valid yet"));
    CHECK(fault({{"iat", "1030"}}).empty());
    CHECK(fault({{"iat", "1031"}}).contains("in the future"));
    CHECK(fault({{"iat", "true"}}).contains("in the future"));
  }

  TEST_CASE("the subject") {
    for (const std::string& bad :
         {std::string("\"\""), std::string("7"), std::string(), std::string(R"("a\nb")"), std::string("null"),
          "\"" + std::string(256, 'x') + "\""})
      CHECK_MESSAGE(fault({{"sub", bad}}).contains("whose it is"), bad);
    CHECK(fault({{"sub", "\"" + std::string(255, 'x') + "\""}}).empty());
  }

  TEST_CASE("the kind of token") {
    for (const char* type : {"", "jwt", "at+jwt"}) CHECK(checked(claims(), type).has_value());
    for (const char* type : {"logout+jwt", "dpop+jwt", "secevent+jwt", "x"})
      CHECK(checked(claims(), type).error().message.contains("no access token"));
    CHECK(checked(claims(), "at+jwt", true).has_value());
    for (const char* type : {"", "jwt", "id+jwt"}) CHECK_FALSE(checked(claims(), type, true).has_value());
  }

  TEST_CASE("a payload that is no object") {
    for (const char* text : {"", "[]", "7", "{", "nothing"}) CHECK_FALSE(checked(text).has_value());
  }

  TEST_CASE("nothing of a token is in what is told of it") {
    const std::string secret = "hunter2hunter2";
    for (const char* name : {"iss", "aud"})
      CHECK_FALSE(fault({{name, "\"" + secret + "\""}}).contains(secret));
  }
}
