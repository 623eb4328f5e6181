// Signed JSON Web Tokens (RFC 7519 in RFC 7515's compact form) as access tokens (RFC 9068): taken apart, verified with given keys,
// checked at a given time. Pure. What is wrong with a token is told in words that may be sent to whoever presented it: nothing of
// the token is in them.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/jwk.h"

namespace pb::jwt {

// A token taken apart. Nothing in it may be believed yet: `alg` and `kid` only say which key is to be tried.
struct Token {
  Alg alg = Alg::rs256;
  std::string kid;        // "" = none is named
  std::string type;       // `typ` in lower case without "application/"; "" = none
  std::string signed_of;  // header and payload as they were signed
  std::string signature;  // bytes
  std::string payload;    // JSON text
};
// Errors (unauthenticated): not three parts of base64url, no JSON, an algorithm that is not one of `allowed`, extensions that must
// be understood (`crit`), longer than kJwtBytesMax.
Result<Token> parse(std::string_view text, std::span<const Alg> allowed);

enum class Match : std::uint8_t {
  verified,
  forged,  // the key is there, the signature is not its
  no_key,  // none of the set is the token's: the set may be out of date
};
// Only keys of the token's `kid`, and those without a name, are tried.
Match verify(const Token& token, const KeySet& keys);

// What a token must say to be taken.
struct Expected {
  std::string_view issuer;                 // exactly
  std::span<const std::string> audiences;  // it is meant for one of these
  std::int64_t leeway_s = 0;               // that clocks may differ
  bool only_at_jwt = false;  // `typ` must be at+jwt (RFC 9068 §4), not just none of another kind
};

struct Claims {
  std::string text;
  json::Arena arena;
  json::Value root;  // an object
  std::string subject;
  std::vector<std::string> scopes;  // of `scope` or `scp`, in their order
  std::int64_t expires_s = 0;       // Unix
};
// For a token that has been verified. Errors (unauthenticated): another issuer or audience, expired, not valid yet, issued in the
// future, no subject, another kind of token, claims of the wrong kind.
Result<std::shared_ptr<const Claims>> check(Token token, const Expected& expected, std::int64_t now_s);

}  // namespace pb::jwt
