#include "base/jwt.h"

#include <doctest/doctest.h>

#include "base/base64url.h"
#include "base/jwt_test_support.h"
#include "base/limits_mcp.h"

using namespace pb;
using namespace pb::jwt;

namespace {

constexpr Alg kAll[] = {Alg::rs256, Alg::ps256, Alg::es256, Alg::eddsa};

// RFC 7515 A.2 and A.3: the same claims, signed with RSA and with P-256.
constexpr const char* kClaims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr const char* kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
    "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
    "wlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr const char* kRsaKey =
    R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-)"
    R"(4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63)"
    R"(kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7)"
    R"(aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})";
constexpr const char* kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr const char* kEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
// RFC 8037 A.4.
constexpr const char* kEdToken =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
constexpr const char* kEdKey =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

const std::string kPayload =
    R"({"iss":"https://issuer.test","aud":"https://gw.test/mcp","sub":"ann","exp":2000,"scope":"a b"})";

KeySet keys_of(std::string_view keys) {
  auto set = KeySet::parse(key_set(keys));
  REQUIRE(set.has_value());
  return std::move(*set);
}

Match match(const std::string& text, const KeySet& keys) {
  auto token = parse(text, kAll);
  REQUIRE_MESSAGE(token.has_value(), text);
  return verify(*token, keys);
}

std::string parse_fault(const std::string& text, std::span<const Alg> allowed = kAll) {
  auto token = parse(text, allowed);
  if (token) return {};
  CHECK(token.error().code == Code::unauthenticated);
  return token.error().message;
}

const Signer& signer(Alg alg) {  // an RSA key takes a while
  static const Signer kSigners[] = {Signer(Alg::rs256, "rs"), Signer(Alg::ps256, "ps"),
                                    Signer(Alg::es256, "es"), Signer(Alg::eddsa, "ed")};
  return kSigners[static_cast<std::size_t>(alg)];
}

}  // namespace

TEST_SUITE("jwt") {
  TEST_CASE("signatures of RFC 7515 A.2, A.3 and RFC 8037 A.4") {
    const std::string rsa = std::string("eyJhbGciOiJSUzI1NiJ9.") + kClaims + "." + kRsaSignature;
    const std::string ec = std::string("eyJhbGciOiJFUzI1NiJ9.") + kClaims + "." + kEcSignature;
    CHECK(match(rsa, keys_of(kRsaKey)) == Match::verified);
    CHECK(match(ec, keys_of(kEcKey)) == Match::verified);
    CHECK(match(kEdToken, keys_of(kEdKey)) == Match::verified);
    CHECK(parse(rsa, kAll)->payload ==
          "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
    CHECK(match(rsa, keys_of(kEcKey)) == Match::no_key);
    CHECK(match(ec, keys_of(kRsaKey)) == Match::no_key);
  }

  TEST_CASE("each algorithm verifies its own signatures and no other's") {
    for (const Alg alg : kAll) {
      const Signer& s = signer(alg);
      const std::string token = s.token(kPayload);
      CHECK(match(token, keys_of(s.jwk())) == Match::verified);
      const std::string pinned = ",\"alg\":\"" + std::string(to_string(alg)) + "\"";
      CHECK(match(token, keys_of(s.jwk(pinned))) == Match::verified);
      CHECK(match(token, keys_of(Signer(alg, s.kid()).jwk())) == Match::forged);
      CHECK(match(token, keys_of(Signer(alg, "another").jwk())) == Match::no_key);
      for (const Alg other : kAll) {
        if (other == alg) continue;
        // The same bytes under another algorithm's name.
        const std::string header =
            R"({"alg":")" + std::string(to_string(other)) + R"(","kid":")" + s.kid() + "\"}";
        CHECK(match(s.sign(header, kPayload), keys_of(s.jwk())) != Match::verified);
        CHECK(parse_fault(token, std::span(&other, 1)).contains("algorithm"));
      }
    }
    // A key that says for what it is, is for nothing else.
    const Signer& rs = signer(Alg::rs256);
    CHECK(match(rs.token(kPayload), keys_of(rs.jwk(R"(,"alg":"PS256")"))) == Match::no_key);
  }

  TEST_CASE("Ed25519 is EdDSA") {
    const Signer& s = signer(Alg::eddsa);
    CHECK(match(s.sign(R"({"alg":"Ed25519"})", kPayload), keys_of(s.jwk(R"(,"alg":"Ed25519")"))) ==
          Match::verified);
  }

  TEST_CASE("no letter of a token can be changed") {
    for (const Alg alg : {Alg::es256, Alg::eddsa}) {
      const std::string good = signer(alg).token(kPayload);
      const KeySet keys = keys_of(signer(alg).jwk());
      for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'A', 'B', '.', '_'}) {
          if (good[i] == c) continue;
          std::string bad = good;
          bad[i] = c;
          const auto token = parse(bad, kAll);
          if (token) CHECK_MESSAGE(verify(*token, keys) != Match::verified, i);
        }
        CHECK(parse_fault(good.substr(0, i) + '=' + good.substr(i)).contains("no signed JWT"));
      }
      const auto cut = parse(good.substr(0, good.size() - 4), kAll);
      if (cut) CHECK(verify(*cut, keys) != Match::verified);
      const auto longer = parse(good + "AAAA", kAll);
      if (longer) CHECK(verify(*longer, keys) != Match::verified);
    }
  }

  TEST_CASE("algorithms with a shared secret, and none, have no name here") {
    for (const char* alg : {"none", "None", "nOnE", "HS256", "HS512", "RS512", "ES384", "dir", ""}) {
      const std::string header = R"({"alg":")" + std::string(alg) + R"(","typ":"at+jwt"})";
      const std::string text = base64url_encode(header) + "." + base64url_encode(kPayload) + ".";
      CHECK_MESSAGE(parse_fault(text).contains("algorithm"), alg);
      CHECK(parse_fault(text + "AAAA").contains("algorithm"));
    }
    CHECK(parse_fault(base64url_encode("{}") + ".e30.AAAA").contains("algorithm"));
    CHECK(parse_fault(base64url_encode(R"({"alg":["RS256"]})") + ".e30.AAAA").contains("algorithm"));
  }

  TEST_CASE("what is no signed token") {
    for (const char* text : {"", ".", "..", "...", "a.b", "a.b.c.d", "!!.e30.AAAA", "e30", "e30=.e30.AAAA",
                             "bm90IGpzb24.e30.AAAA", "WzFd.e30.AAAA"})
      CHECK_MESSAGE(!parse_fault(text).empty(), text);
    CHECK(parse_fault(std::string(limits::kJwtBytesMax + 1, 'a')).contains("too long"));
    const Signer& s = signer(Alg::es256);
    CHECK(parse_fault(s.token(kPayload, R"(,"crit":["b64"],"b64":false)")).contains("extensions"));
    CHECK(parse_fault(s.token(kPayload, R"(,"crit":[])")).contains("extensions"));
    CHECK(!parse_fault(s.sign(R"({"alg":"ES256","kid":7})", kPayload)).empty());
  }

  TEST_CASE("which key is tried") {
    const Signer a(Alg::es256, "a"), b(Alg::es256, "b"), unnamed(Alg::es256);
    const KeySet both = keys_of(a.jwk() + "," + b.jwk());
    CHECK(match(a.token(kPayload), both) == Match::verified);
    CHECK(match(b.token(kPayload), both) == Match::verified);
    CHECK(match(b.sign(R"({"alg":"ES256","kid":"a"})", kPayload), both) == Match::forged);
    CHECK(match(b.sign(R"({"alg":"ES256"})", kPayload), both) == Match::verified);
    CHECK(match(unnamed.token(kPayload), both) == Match::no_key);
    CHECK(match(unnamed.sign(R"({"alg":"ES256","kid":"x"})", kPayload), keys_of(unnamed.jwk())) ==
          Match::verified);
    // Two keys of one name, as while they are being changed.
    const Signer again(Alg::es256, "a");
    CHECK(match(again.token(kPayload), keys_of(a.jwk() + "," + again.jwk())) == Match::verified);
  }
}

TEST_SUITE("jwk") {
  TEST_CASE("keys that cannot be used are left out") {
    const Signer& es = signer(Alg::es256);
    const auto count = [](const std::string& keys) { return keys_of(keys).keys().size(); };
    CHECK(count(es.jwk() + "," + signer(Alg::rs256).jwk() + "," + signer(Alg::eddsa).jwk()) == 3);
    CHECK(count(es.jwk(R"(,"use":"sig","key_ops":["verify"])")) == 1);
    CHECK(count(es.jwk(R"(,"use":"enc")")) == 0);
    CHECK(count(es.jwk(R"(,"key_ops":["encrypt"])")) == 0);
    CHECK(count(es.jwk(R"(,"alg":"ES384")")) == 0);
    CHECK(count(es.jwk(R"(,"alg":"RS256")")) == 0);
    CHECK(count(R"({"kty":"oct","k":"AAAA","alg":"HS256"})") == 0);
    CHECK(count(R"(null,7,"x",[],{},{"kty":"RSA"},{"kty":"EC","crv":"P-256"},{"kty":"EC","crv":"P-384"})") ==
          0);
    CHECK(count(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})") == 0);  // far too small
    const std::string n(400, 'f');
    CHECK(count(R"({"kty":"RSA","n":")" + n + R"(","e":"AQ"})") == 0);    // an exponent of 1
    CHECK(count(R"({"kty":"RSA","n":")" + n + R"(","e":"AQAA"})") == 0);  // an even one
    CHECK(count(R"({"kty":"RSA","n":")" + std::string(2000, 'f') + R"(","e":"AQAB"})") == 0);
    CHECK(count(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})") == 0);
    const std::string off(43, 'A');  // 0, 0 is no point of the curve
    CHECK(count(R"({"kty":"EC","crv":"P-256","x":")" + off + R"(","y":")" + off + "\"}") == 0);
    const std::string shorter(42, 'A');
    CHECK(count(R"({"kty":"EC","crv":"P-256","x":")" + shorter + R"(","y":")" + off + "\"}") == 0);
  }

  TEST_CASE("what is no set of keys") {
    for (const char* text : {"", "{}", "[]", "{\"keys\":{}}", "nothing"})
      CHECK_FALSE(KeySet::parse(text).has_value());
    std::string many = "{}";
    for (std::size_t i = 0; i < limits::kJwksKeysMax; ++i) many += ",{}";
    CHECK_FALSE(KeySet::parse(key_set(many)).has_value());
  }
}
