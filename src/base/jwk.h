// Public keys as JSON (RFC 7517, RFC 7518 §6, RFC 8037 §2), for checking signatures. Pure; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace pb::jwt {

// The signatures that a token may have (RFC 7518 §3.1, RFC 8037 §3.1). Nothing here works with a secret that both sides know,
// so a public key can never be taken for one; and "none" has no name.
enum class Alg : std::uint8_t { rs256, ps256, es256, eddsa };
std::string_view to_string(Alg alg);                  // "RS256"
std::optional<Alg> parse_alg(std::string_view name);  // "Ed25519" (RFC 9864) is EdDSA too
std::span<const std::string_view> alg_names();

class PublicKey {
 public:
  // Errors: not a key whose signatures we can check, with the reason: its kind, its use, its size, a point that is on no curve.
  static Result<PublicKey> parse(json::Value jwk);

  const std::string& kid() const { return kid_; }  // "" = it has no name
  bool fits(Alg alg) const;
  // Whether `signature` (as JWS has it: RFC 7518 §3.3 to §3.5) is this key's over `data`.
  bool verify(Alg alg, std::string_view data, std::string_view signature) const;

 private:
  enum class Kind : std::uint8_t { rsa, p256, ed25519 };
  PublicKey() = default;

  Kind kind_ = Kind::rsa;
  std::string kid_;
  std::optional<Alg> only_;            // the key itself says for what it is
  std::shared_ptr<evp_pkey_st> pkey_;  // shared by copies: OpenSSL's object never changes
};

class KeySet {
 public:
  // `{"keys":[…]}`. Keys that we cannot use are left out (RFC 7517 §5). Errors: not such a document; more than kJwksKeysMax keys.
  static Result<KeySet> parse(std::string_view text);
  std::span<const PublicKey> keys() const { return keys_; }

 private:
  std::vector<PublicKey> keys_;
};

}  // namespace pb::jwt
