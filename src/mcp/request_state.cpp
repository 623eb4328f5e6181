#include "mcp/request_state.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "base/base64.h"
#include "base/digest.h"
#include "base/limits_mcp.h"

namespace pb::mcp {
namespace {

constexpr std::size_t kNonceBytes = 12, kTagBytes = 16;  // NIST SP 800-38D §5.2

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

unsigned char* bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

// The scope is authenticated, not sent: a state of another request does not open.
std::string bound_to(const StateSeal::Scope& scope) {
  std::string out;
  json::Writer w(out);
  w.begin_array();
  w.string(scope.principal);
  w.string(scope.method);
  w.string(scope.request);
  w.end_array();
  return out;
}

std::unexpected<Fault> refused(const char* why) {
  return fault(kInvalidParams, std::string("Invalid params: requestState ") + why);
}

}  // namespace

StateSeal StateSeal::random() {
  Key key;
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    std::abort();  // no randomness: nothing is safe
  return StateSeal(key);
}

std::string StateSeal::seal(const Scope& scope, const Answers& answers, std::int64_t now_ms) const {
  std::string plain;
  json::Writer w(plain);
  w.begin_object();
  w.field("until", now_ms + limits::kMcpRoundsMs);
  w.key("answers");
  w.begin_object();
  for (const auto& [key, text] : answers.texts()) {
    w.key(key);
    w.raw(text);
  }
  w.end_object();
  w.end_object();

  const std::string aad = bound_to(scope);
  std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
  if (RAND_bytes(bytes(out), kNonceBytes) != 1) std::abort();
  const Cipher c(EVP_CIPHER_CTX_new());
  int n = 0;
  unsigned char* at = bytes(out) + kNonceBytes;
  const bool ok = EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes(out)) == 1 &&
                  EVP_EncryptUpdate(c.get(), nullptr, &n, bytes(aad), static_cast<int>(aad.size())) == 1 &&
                  EVP_EncryptUpdate(c.get(), at, &n, bytes(plain), static_cast<int>(plain.size())) == 1 &&
                  EVP_EncryptFinal_ex(c.get(), at + plain.size(), &n) == 1 &&
                  EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, at + plain.size()) == 1;
  if (!ok) std::abort();  // the library is broken
  return base64_encode(out);
}

Outcome<Answers> StateSeal::open(std::string_view state, const Scope& scope, std::int64_t now_ms) const {
  if (state.size() > limits::kMcpStateBytesMax) return refused("is too long");
  auto sealed = base64_decode(state);
  if (!sealed || sealed->size() < kNonceBytes + kTagBytes) return refused("is not one of this server's");
  const std::string aad = bound_to(scope);
  std::string plain(sealed->size() - kNonceBytes - kTagBytes, '\0');
  const Cipher c(EVP_CIPHER_CTX_new());
  int n = 0;
  const unsigned char* at = bytes(*sealed) + kNonceBytes;
  unsigned char* tag = bytes(*sealed) + kNonceBytes + plain.size();
  const bool ok = EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes(*sealed)) == 1 &&
                  EVP_DecryptUpdate(c.get(), nullptr, &n, bytes(aad), static_cast<int>(aad.size())) == 1 &&
                  EVP_DecryptUpdate(c.get(), bytes(plain), &n, at, static_cast<int>(plain.size())) == 1 &&
                  EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag) == 1 &&
                  EVP_DecryptFinal_ex(c.get(), bytes(plain) + plain.size(), &n) == 1;
  if (!ok) return refused("has been changed, or belongs to another request");
  json::Arena arena;
  auto value = json::parse(plain, arena);
  if (!value) return refused("is not one of this server's");
  if ((*value)["until"].as_int() < now_ms) return refused("is too old");
  const json::Value kept = (*value)["answers"];
  Answers answers;
  for (const json::Member& m : kept.members()) answers.put(std::string(m.key), json::to_text(m.value));
  return answers;
}

std::string request_digest(json::Value params) {
  std::string text;
  json::Writer w(text);
  w.begin_object();
  for (const json::Member& m : params.members())
    if (m.key != "_meta" && m.key != "requestState" && m.key != "inputResponses") w.field(m.key, m.value);
  w.end_object();
  json::Arena arena;
  auto again = json::parse(text, arena);
  return to_hex(sha256(again ? json::canonical_text(*again) : text));
}

}  // namespace pb::mcp
