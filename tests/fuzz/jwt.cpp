// Arbitrary bytes as a token, as a set of keys and as an issuer's metadata. Nobody but the issuer makes a token that is believed: what is
// verified with the keys of the RFCs' examples is one of their texts. The first byte picks what the rest is.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/jwt.h"
#include "mcp/oauth/issuer.h"
#include "mcp/oauth/policy.h"

namespace {

using namespace pb;

void expect(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
constexpr std::string_view kSigned[] = {
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"};
constexpr jwt::Alg kAll[] = {jwt::Alg::rs256, jwt::Alg::ps256, jwt::Alg::es256, jwt::Alg::eddsa};

void as_token(std::string_view text) {
  static const jwt::KeySet keys = *jwt::KeySet::parse(kKeys);
  auto token = jwt::parse(text, kAll);
  if (!token) return expect(token.error().code == Code::unauthenticated);
  expect(text.starts_with(token->signed_of + "."));
  if (jwt::verify(*token, keys) == jwt::Match::verified)
    expect(token->signed_of == kSigned[0] || token->signed_of == kSigned[1]);
}

void as_payload(std::string_view text) {
  jwt::Token token;
  token.payload = text;
  const std::vector<std::string> audiences = {"a"};
  const auto claims = jwt::check(std::move(token), {"i", audiences, 30, false}, 1000);
  if (!claims) return expect(claims.error().code == Code::unauthenticated);
  expect(!(*claims)->subject.empty() && (*claims)->expires_s > 970);
  for (const std::string& scope : (*claims)->scopes) expect(!scope.empty());
}

void as_document(const std::string& text) {
  if (auto keys = jwt::KeySet::parse(text))
    for (const jwt::PublicKey& key : keys->keys())
      for (const jwt::Alg alg : kAll) expect(!key.verify(alg, "data", std::string(64, 'x')));
  if (auto uri = mcp::read_issuer_metadata(text, "https://a.test")) expect(uri->starts_with("https://"));
  for (const std::string& url : mcp::issuer_metadata_urls(text)) expect(url.contains("/.well-known/"));
  expect(mcp::metadata_url(text).contains("/.well-known/oauth-protected-resource"));
  config::McpOAuth options;
  options.issuer = text;
  options.resource = text;
  options.scopes_tools = {{text.substr(0, text.size() / 2), text.substr(text.size() / 2)}};
  options.scopes_implies = options.scopes_tools;
  const auto policy = mcp::make_policy(options, {});
  if (policy != nullptr) (void)policy->scopes.widened(policy->scopes.needed(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 3 == 0) as_token(text);
  if (data[0] % 3 == 1) as_payload(text);
  if (data[0] % 3 == 2) as_document(text);
  return 0;
}
