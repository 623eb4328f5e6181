#include "store/seal.h"

#include <sodium.h>

#include <optional>
#include <vector>

#include "base/base64.h"
#include "base/json.h"

namespace pb::store {
namespace {

constexpr std::string_view kFirstLine = "patchbay sealed file 1\n";
constexpr std::uint64_t kPasses = 3, kPassesMax = 16;
constexpr std::size_t kMemory = 64u << 20, kMemoryMax = 1u << 30;
// Keys for each purpose, so that what shows whether the key is right tells nothing about what encrypts.
constexpr char kContext[] = "pbsealed";
constexpr std::uint64_t kForCheck = 1, kForText = 2;
constexpr std::size_t kCheckBytes = 16;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::pair<Unlock, std::string_view> kNames[] = {
    {Unlock::key_file, "key-file"}, {Unlock::passphrase, "passphrase"}, {Unlock::desktop, "desktop"}};

static_assert(crypto_kdf_CONTEXTBYTES == sizeof kContext - 1 && crypto_kdf_KEYBYTES == 32 &&
              crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32 && crypto_pwhash_SALTBYTES == 16);

bool ready() {
  static const bool good = ::sodium_init() >= 0;
  return good;
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

MasterKey subkey(const MasterKey& key, std::uint64_t purpose) {
  MasterKey out;
  ::crypto_kdf_derive_from_key(out.bytes.data(), out.bytes.size(), purpose, kContext, key.bytes.data());
  return out;
}

// The same for the same key, and of no use for finding it.
std::string check_of(const MasterKey& key) {
  const MasterKey sub = subkey(key, kForCheck);
  return base64_encode({reinterpret_cast<const char*>(sub.bytes.data()), kCheckBytes});
}

std::string head_line(const SealHead& head, const MasterKey& key) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("unlock", to_string(head.unlock));
  if (head.unlock == Unlock::passphrase) {
    w.field("salt", std::string_view(base64_encode(head.salt)));
    w.field("passes", static_cast<std::int64_t>(head.passes));
    w.field("memory", static_cast<std::int64_t>(head.memory_bytes));
  }
  w.field("check", std::string_view(check_of(key)));
  w.end_object();
  return out + "\n";
}

std::unexpected<Error> damaged(const char* what) {
  return fail(Code::invalid_request, std::string("has been changed or damaged: ") + what +
                                         "; put a copy of it back, or delete it and store the keys again");
}

struct Parts {
  std::string_view authenticated;  // the first two lines
  std::string_view head, sealed;
};

Result<Parts> split(std::string_view file) {
  if (!file.starts_with(kFirstLine))
    return fail(Code::invalid_request, "is no file of sealed keys that this version can read");
  const std::size_t end = file.find('\n', kFirstLine.size());
  if (end == file.npos) return damaged("it ends too early");
  Parts out{file.substr(0, end + 1), file.substr(kFirstLine.size(), end - kFirstLine.size()),
            file.substr(end + 1)};
  if (!out.sealed.ends_with('\n')) return damaged("it ends too early");
  out.sealed.remove_suffix(1);
  return out;
}

Result<SealHead> parse_head(std::string_view text, std::string& check) {
  json::Arena arena;
  const auto root = json::parse(text, arena);
  if (!root || !root->is_object()) return damaged("its head is no JSON");
  SealHead head;
  const auto* name = std::begin(kNames);
  while (name != std::end(kNames) && name->second != (*root)["unlock"].as_string()) ++name;
  if (name == std::end(kNames)) return damaged("it does not say how it is unlocked");
  head.unlock = name->first;
  check = (*root)["check"].as_string();
  if (head.unlock != Unlock::passphrase) return head;
  head.salt = base64_decode((*root)["salt"].as_string()).value_or("");
  const std::int64_t passes = (*root)["passes"].as_int(), memory = (*root)["memory"].as_int();
  // A changed head must not make the program work for hours.
  if (head.salt.size() != crypto_pwhash_SALTBYTES || passes < 1 ||
      passes > static_cast<std::int64_t>(kPassesMax) ||
      memory < static_cast<std::int64_t>(crypto_pwhash_MEMLIMIT_MIN) ||
      memory > static_cast<std::int64_t>(kMemoryMax))
    return damaged("its passphrase's numbers are out of bounds");
  head.passes = static_cast<std::uint64_t>(passes);
  head.memory_bytes = static_cast<std::size_t>(memory);
  return head;
}

}  // namespace

MasterKey::~MasterKey() { ::sodium_memzero(bytes.data(), bytes.size()); }

std::string_view to_string(Unlock unlock) {
  for (const auto& [value, name] : kNames)
    if (value == unlock) return name;
  return {};
}

Result<MasterKey> random_master_key() {
  if (!ready()) return fail(Code::internal, "libsodium cannot start");
  MasterKey out;
  ::randombytes_buf(out.bytes.data(), out.bytes.size());
  return out;
}

Result<SealHead> passphrase_head() {
  if (!ready()) return fail(Code::internal, "libsodium cannot start");
  SealHead out{Unlock::passphrase, std::string(crypto_pwhash_SALTBYTES, '\0'), kPasses, kMemory};
  ::randombytes_buf(out.salt.data(), out.salt.size());
  return out;
}

Result<MasterKey> derive_master_key(const SealHead& head, std::string_view passphrase) {
  MasterKey out;
  if (!ready() || head.salt.size() != crypto_pwhash_SALTBYTES ||
      ::crypto_pwhash(out.bytes.data(), out.bytes.size(), passphrase.data(), passphrase.size(),
                      bytes_of(head.salt), head.passes, head.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Code::internal, "there is not enough memory to work the passphrase out (" +
                                    std::to_string(head.memory_bytes >> 20) + " MiB)");
  return out;
}

Result<std::string> seal(const SealHead& head, const MasterKey& key, std::string_view text) {
  if (!ready()) return fail(Code::internal, "libsodium cannot start");
  std::string out(kFirstLine);
  out += head_line(head, key);
  std::string sealed(kNonceBytes + text.size() + kTagBytes, '\0');
  ::randombytes_buf(sealed.data(), kNonceBytes);
  const MasterKey sub = subkey(key, kForText);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes_of(sealed) + kNonceBytes, nullptr, bytes_of(std::string_view(text)), text.size(),
      bytes_of(std::string_view(out)), out.size(), nullptr, bytes_of(sealed), sub.bytes.data());
  return out + base64_encode(sealed) + "\n";
}

Result<SealHead> read_seal_head(std::string_view file) {
  TRY_ASSIGN(const Parts parts, split(file));
  std::string check;
  return parse_head(parts.head, check);
}

Result<std::string> unseal(std::string_view file, const MasterKey& key) {
  if (!ready()) return fail(Code::internal, "libsodium cannot start");
  TRY_ASSIGN(const Parts parts, split(file));
  std::string check;
  TRY_ASSIGN(const SealHead head, parse_head(parts.head, check));
  const std::string mine = check_of(key);
  if (check.size() != mine.size() || ::sodium_memcmp(check.data(), mine.data(), mine.size()) != 0)
    return fail(Code::unauthenticated, "wrong key for it");
  const std::optional<std::string> sealed = base64_decode(parts.sealed);
  if (!sealed || sealed->size() < kNonceBytes + kTagBytes) return damaged("its text is no base64");
  std::string out(sealed->size() - kNonceBytes - kTagBytes, '\0');
  const MasterKey sub = subkey(key, kForText);
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(
          bytes_of(out), nullptr, nullptr, bytes_of(std::string_view(*sealed)) + kNonceBytes,
          sealed->size() - kNonceBytes, bytes_of(parts.authenticated), parts.authenticated.size(),
          bytes_of(std::string_view(*sealed)), sub.bytes.data()) != 0)
    return damaged("its seal does not fit");
  return out;
}

}  // namespace pb::store
