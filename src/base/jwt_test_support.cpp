#include "base/jwt_test_support.h"

#include <doctest/doctest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>

#include "base/base64url.h"

namespace pb::jwt {
namespace {

std::string number(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* n = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key, name, &n) == 1);
  std::string out(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(n)), '\0');
  BN_bn2binpad(n, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(n);
  return base64url_encode(out);
}

std::string two_numbers(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  REQUIRE(pair != nullptr);
  std::array<unsigned char, 64> out{};
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + 32, 32);
  ECDSA_SIG_free(pair);
  return {out.begin(), out.end()};
}

EVP_PKEY* generate(Alg alg) {
  if (alg == Alg::es256) return EVP_EC_gen("P-256");
  if (alg == Alg::eddsa) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  return EVP_RSA_gen(2048);
}

}  // namespace

Signer::Signer(Alg alg, std::string kid)
    : alg_(alg), kid_(std::move(kid)), key_(generate(alg), EVP_PKEY_free) {
  REQUIRE(key_ != nullptr);
}

std::string Signer::jwk(std::string_view more) const {
  std::string out = "{";
  if (alg_ == Alg::es256) {
    out += R"("kty":"EC","crv":"P-256","x":")" + number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32) +
           R"(","y":")" + number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"";
  } else if (alg_ == Alg::eddsa) {
    std::array<unsigned char, 32> x{};
    std::size_t size = x.size();
    REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), x.data(), &size) == 1);
    out += R"("kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(std::string(x.begin(), x.end())) + "\"";
  } else {
    out += R"("kty":"RSA","n":")" + number(key_.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(key_.get(), OSSL_PKEY_PARAM_RSA_E) + "\"";
  }
  if (!kid_.empty()) out += R"(,"kid":")" + kid_ + "\"";
  return out + std::string(more) + "}";
}

std::string Signer::sign(std::string_view header, std::string_view payload) const {
  const std::string data = base64url_encode(header) + "." + base64url_encode(payload);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* with = nullptr;
  REQUIRE(EVP_DigestSignInit(context.get(), &with, alg_ == Alg::eddsa ? nullptr : EVP_sha256(), nullptr,
                             key_.get()) == 1);
  if (alg_ == Alg::ps256) {
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(with, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(with, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) == 1);
  std::string signature(size, '\0');
  REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                         data.size()) == 1);
  signature.resize(size);
  return data + "." + base64url_encode(alg_ == Alg::es256 ? two_numbers(signature) : signature);
}

std::string Signer::token(std::string_view payload, std::string_view more) const {
  std::string header = R"({"alg":")" + std::string(to_string(alg_)) + "\"";
  if (!kid_.empty()) header += R"(,"kid":")" + kid_ + "\"";
  return sign(header + std::string(more) + "}", payload);
}

std::string key_set(std::string_view keys) { return R"({"keys":[)" + std::string(keys) + "]}"; }

}  // namespace pb::jwt
