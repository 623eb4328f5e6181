#include "base/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/base64url.h"
#include "base/limits_mcp.h"

namespace pb::jwt {
namespace {

constexpr std::string_view kAlgNames[] = {"RS256", "PS256", "ES256", "EdDSA"};  // in the order of Alg

constexpr std::size_t kCoordinateBytes = 32;  // of P-256; also half a signature
constexpr std::size_t kEdKeyBytes = 32, kEdSignatureBytes = 64;
constexpr int kRsaBitsMin = 2048;  // RFC 7518 §3.3
constexpr int kRsaBitsMax = 8192;  // a larger one would only cost time
constexpr int kRsaExponentBitsMax = 64;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Pkey = std::shared_ptr<EVP_PKEY>;

// What OpenSSL remembers of a failure is this thread's, and TLS would find it later.
struct ForgetErrors {
  ~ForgetErrors() { ERR_clear_error(); }
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::unexpected<Error> bad(std::string what) { return fail(Code::invalid_request, std::move(what)); }

Result<std::string> member(json::Value jwk, std::string_view name) {
  const json::Value value = jwk[name];
  if (!value.is_string()) return bad("`" + std::string(name) + "` is missing");
  auto decoded = base64url_decode(value.as_string());
  if (!decoded || decoded->empty()) return bad("`" + std::string(name) + "` is not base64url");
  return std::move(*decoded);
}

Bignum number(std::string_view big_endian) {
  return Bignum(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

Result<Pkey> make(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return bad("not a public key");
  return Pkey(made, EVP_PKEY_free);
}

Result<Pkey> make_rsa(json::Value jwk) {
  TRY_ASSIGN(const std::string n_bytes, member(jwk, "n"));
  TRY_ASSIGN(const std::string e_bytes, member(jwk, "e"));
  if (n_bytes.size() > kRsaBitsMax / 8 + 1 || e_bytes.size() > kRsaExponentBitsMax / 8)
    return bad("an RSA key of more than " + std::to_string(kRsaBitsMax) + " bits");
  const Bignum n = number(n_bytes), e = number(e_bytes);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder) return bad("no memory");
  if (BN_num_bits(n.get()) < kRsaBitsMin || BN_num_bits(n.get()) > kRsaBitsMax)
    return bad("an RSA key must have " + std::to_string(kRsaBitsMin) + " to " + std::to_string(kRsaBitsMax) +
               " bits");
  if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get())) return bad("not an RSA key");
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return bad("no memory");
  return make("RSA", builder.get());
}

Result<Pkey> make_p256(json::Value jwk) {
  TRY_ASSIGN(const std::string x, member(jwk, "x"));
  TRY_ASSIGN(const std::string y, member(jwk, "y"));
  // "The length of this octet string MUST be the full size of a coordinate" (RFC 7518 §6.2.1.2).
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes)
    return bad("a coordinate has the wrong size");
  const std::string point = '\x04' + x + y;
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1)
    return bad("no memory");
  TRY_ASSIGN(Pkey key, make("EC", builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) return bad("the point is not on the curve");
  return key;
}

Result<Pkey> make_ed25519(json::Value jwk) {
  TRY_ASSIGN(const std::string x, member(jwk, "x"));
  if (x.size() != kEdKeyBytes) return bad("an Ed25519 key has 32 bytes");
  EVP_PKEY* made = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(x), x.size());
  if (made == nullptr) return bad("not a public key");
  return Pkey(made, EVP_PKEY_free);
}

// JWS has the two numbers one after the other (RFC 7518 §3.4), OpenSSL wants them in DER.
std::string der_of(std::string_view signature) {
  Bignum r = number(signature.substr(0, kCoordinateBytes)), s = number(signature.substr(kCoordinateBytes));
  const Signature pair(ECDSA_SIG_new());
  if (!r || !s || !pair) return {};
  ECDSA_SIG_set0(pair.get(), r.release(), s.release());  // fails for null pointers only
  unsigned char* out = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &out);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return der;
}

// Whether the key is for checking signatures (RFC 7517 §4.2, §4.3).
bool for_signatures(json::Value jwk) {
  if (jwk.has("use") && jwk["use"].as_string() != "sig") return false;
  const json::Value* ops = jwk.find("key_ops");
  return ops == nullptr ||
         std::ranges::any_of(ops->items(), [](json::Value op) { return op.as_string() == "verify"; });
}

}  // namespace

std::string_view to_string(Alg alg) { return kAlgNames[static_cast<std::size_t>(alg)]; }

std::optional<Alg> parse_alg(std::string_view name) {
  if (name == "Ed25519") return Alg::eddsa;
  const auto at = std::ranges::find(kAlgNames, name);
  if (at == std::end(kAlgNames)) return std::nullopt;
  return static_cast<Alg>(at - std::begin(kAlgNames));
}

std::span<const std::string_view> alg_names() { return kAlgNames; }

Result<PublicKey> PublicKey::parse(json::Value jwk) {
  const ForgetErrors forget;
  PublicKey out;
  const std::string_view kty = jwk["kty"].as_string(), crv = jwk["crv"].as_string();
  if (!for_signatures(jwk)) return bad("not for checking signatures");
  if (const json::Value* kid = jwk.find("kid"); kid != nullptr) {
    if (!kid->is_string()) return bad("`kid` is not a text");
    out.kid_ = kid->as_string();
  }
  Result<Pkey> pkey = bad("a key of a kind that is not used here");
  if (kty == "RSA") {
    pkey = make_rsa(jwk);
  } else if (kty == "EC" && crv == "P-256") {
    out.kind_ = Kind::p256;
    pkey = make_p256(jwk);
  } else if (kty == "OKP" && crv == "Ed25519") {
    out.kind_ = Kind::ed25519;
    pkey = make_ed25519(jwk);
  }
  TRY_ASSIGN(out.pkey_, std::move(pkey));
  if (const json::Value* alg = jwk.find("alg"); alg != nullptr) {
    out.only_ = parse_alg(alg->as_string());
    if (!out.only_ || !out.fits(*out.only_)) return bad("a key for another algorithm");
  }
  return out;
}

bool PublicKey::fits(Alg alg) const {
  if (only_ && *only_ != alg) return false;
  switch (alg) {
    case Alg::rs256:
    case Alg::ps256:
      return kind_ == Kind::rsa;
    case Alg::es256:
      return kind_ == Kind::p256;
    case Alg::eddsa:
      return kind_ == Kind::ed25519;
  }
  return false;
}

bool PublicKey::verify(Alg alg, std::string_view data, std::string_view signature) const {
  const ForgetErrors forget;
  if (!fits(alg)) return false;
  std::string der;
  if (alg == Alg::es256) {
    if (signature.size() != 2 * kCoordinateBytes) return false;
    signature = der = der_of(signature);
  } else if (alg == Alg::eddsa) {
    if (signature.size() != kEdSignatureBytes) return false;
  } else if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(pkey_.get()))) {
    return false;
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key = nullptr;  // the context's
  if (!context || EVP_DigestVerifyInit(context.get(), &key, alg == Alg::eddsa ? nullptr : EVP_sha256(),
                                       nullptr, pkey_.get()) != 1)
    return false;
  // The salt is as long as the hash, and the mask is made with the same one (RFC 7518 §3.5).
  if (alg == Alg::ps256 && (EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) != 1 ||
                            EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(data), data.size()) == 1;
}

Result<KeySet> KeySet::parse(std::string_view text) {
  json::Arena arena;
  auto root = json::parse(text, arena, {limits::kJwtDepthMax});
  if (!root) return bad("is not JSON");
  const json::Value keys = (*root)["keys"];
  if (!keys.is_array()) return bad("is not a set of keys: it has no list `keys`");
  if (keys.size() > limits::kJwksKeysMax)
    return bad("has more than " + std::to_string(limits::kJwksKeysMax) + " keys");
  KeySet out;
  for (const json::Value jwk : keys.items())
    if (auto key = PublicKey::parse(jwk)) out.keys_.push_back(std::move(*key));
  return out;
}

}  // namespace pb::jwt
