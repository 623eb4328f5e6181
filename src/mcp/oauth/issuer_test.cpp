#include "mcp/oauth/issuer.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>

#include "base/jwt_test_support.h"

using namespace pb;
using namespace pb::mcp;

namespace {

// Fetches the keys where only these pages are; `asked` gets the URLs.
Result<jwt::KeySet> fetched(std::map<std::string, std::string> pages, std::string issuer,
                            std::string jwks_url, std::vector<std::string>* asked = nullptr) {
  const GetUrl get = [&](std::string url) -> Task<Result<std::string>> {
    if (asked != nullptr) asked->push_back(url);
    const auto page = pages.find(url);
    if (page == pages.end()) co_return fail(Code::invalid_request, "answered with status 404");
    co_return page->second;
  };
  boost::asio::io_context io{1};
  Result<jwt::KeySet> out = fail(Code::internal, "nothing");
  auto run = [](GetUrl g, std::string i, std::string j, Result<jwt::KeySet>& to) -> Task<void> {
    to = co_await fetch_keys(std::move(g), std::move(i), std::move(j));
  };
  boost::asio::co_spawn(io, run(get, issuer, jwks_url, out), [](const std::exception_ptr& e) {
    if (e) std::rethrow_exception(e);
  });
  io.run();
  return out;
}

std::string metadata(const std::string& issuer, const std::string& uri) {
  return R"({"issuer":")" + issuer + R"(","jwks_uri":")" + uri + "\"}";
}

}  // namespace

TEST_SUITE("oauth") {
  TEST_CASE("where an issuer's metadata may be") {
    CHECK(issuer_metadata_urls("https://a.test") ==
          std::vector<std::string>{"https://a.test/.well-known/oauth-authorization-server",
                                   "https://a.test/.well-known/openid-configuration"});
    CHECK(issuer_metadata_urls("https://a.test/") == issuer_metadata_urls("https://a.test"));
    CHECK(issuer_metadata_urls("https://a.test:8443/x/y/") ==
          std::vector<std::string>{"https://a.test:8443/.well-known/oauth-authorization-server/x/y",
                                   "https://a.test:8443/.well-known/openid-configuration/x/y",
                                   "https://a.test:8443/x/y/.well-known/openid-configuration"});
  }

  TEST_CASE("an issuer's metadata") {
    CHECK(read_issuer_metadata(metadata("https://a.test", "https://k.test/jwks"), "https://a.test") ==
          "https://k.test/jwks");
    CHECK(read_issuer_metadata(metadata("http://127.0.0.1:1", "http://127.0.0.1:1/k"), "http://127.0.0.1:1")
              .has_value());
    const auto fault = [](std::string_view text) {
      const auto got = read_issuer_metadata(text, "https://a.test");
      return got ? std::string() : got.error().message;
    };
    CHECK(fault(metadata("https://a.test/", "https://k.test")).contains("another issuer"));
    CHECK(fault(metadata("https://b.test", "https://k.test")).contains("another issuer"));
    CHECK(fault(R"({"issuer":"https://a.test"})").contains("where the keys are"));
    CHECK(fault(metadata("https://a.test", "http://k.test")).contains("not https"));
    CHECK(fault(metadata("https://a.test", "file:///etc/passwd")).contains("not https"));
    CHECK(fault("[]").contains("no JSON object"));
    CHECK(fault("<html>").contains("no JSON object"));
  }

  TEST_CASE("keys are found by way of the metadata") {
    const jwt::Signer s(jwt::Alg::es256, "k");
    const std::string keys = jwt::key_set(s.jwk());
    std::vector<std::string> asked;
    const std::map<std::string, std::string> pages = {{"https://a.test/x/.well-known/openid-configuration",
                                                       metadata("https://a.test/x", "https://k.test/j")},
                                                      {"https://a.test/.well-known/openid-configuration/x",
                                                       metadata("https://evil.test", "https://e.test/j")},
                                                      {"https://k.test/j", keys}};
    CHECK(fetched(pages, "https://a.test/x", "", &asked)->keys().size() == 1);
    CHECK(asked.size() == 4);
    CHECK(asked.back() == "https://k.test/j");
    asked.clear();
    CHECK(fetched(pages, "https://a.test/x", "https://k.test/j", &asked)->keys().size() == 1);
    CHECK(asked.size() == 1);
  }

  TEST_CASE("what is told when there are none") {
    const std::string all = fetched({}, "https://a.test", "").error().message;
    CHECK(all.contains("oauth-authorization-server answered with status 404"));
    CHECK(all.contains("openid-configuration answered with status 404"));
    CHECK(fetched({}, "https://a.test", "https://k.test").error().message ==
          "https://k.test answered with status 404");
    CHECK(fetched({{"https://k.test", "{}"}}, "https://a.test", "https://k.test")
              .error()
              .message.contains("not a set of keys"));
    CHECK(fetched({{"https://k.test", R"({"keys":[]})"}}, "https://a.test", "https://k.test")
              .error()
              .message.contains("no key that can be used"));
  }
}
