#include "store/key_changes.h"

namespace pb::store {
namespace {

Result<void> not_revoked(const VirtualKey& key) {
  if (key.revoked_ms == 0) return {};
  return fail(Code::invalid_request, "key " + key.name + " is revoked; make another one");
}

}  // namespace

std::string_view state_of(const VirtualKey& key, std::int64_t now_ms) {
  if (key.revoked_ms != 0) return "revoked";
  return key.usable(now_ms) ? "active" : "expired";
}

Result<KeyWithSecret> create_key(KeyStore& keys, std::string name, std::int64_t now_ms,
                                 const KeyChange& fill) {
  if (std::string fault = name_fault(name); !fault.empty())
    return fail(Code::invalid_request, std::move(fault), "name");
  KeyWithSecret made;
  made.key.name = std::move(name);
  made.key.created_ms = now_ms;
  TRY(fill(made.key));
  TRY_ASSIGN(made.secret, give_secret(made.key));
  TRY(keys.add(made.key));
  return made;
}

Result<VirtualKey> change_key(KeyStore& keys, std::string_view name, const KeyChange& change) {
  return keys.update(name, [&](VirtualKey& key) -> Result<void> {
    TRY(not_revoked(key));
    return change(key);
  });
}

Result<KeyWithSecret> rotate_key(KeyStore& keys, std::string_view name, std::int64_t now_ms,
                                 std::int64_t grace_ms) {
  std::string secret;
  auto key = keys.update(name, [&](VirtualKey& k) -> Result<void> {
    TRY(not_revoked(k));
    k.old_digest = grace_ms > 0 ? k.digest : Digest{};
    k.old_until_ms = grace_ms > 0 ? now_ms + grace_ms : 0;
    TRY_ASSIGN(secret, give_secret(k));
    return {};
  });
  if (!key) return std::unexpected(std::move(key.error()));
  return KeyWithSecret{std::move(*key), std::move(secret)};
}

Result<VirtualKey> revoke_key(KeyStore& keys, std::string_view name, std::int64_t now_ms) {
  return keys.update(name, [&](VirtualKey& key) -> Result<void> {
    if (key.revoked_ms == 0) key.revoked_ms = now_ms;
    key.old_digest = {};
    key.old_until_ms = 0;
    return {};
  });
}

}  // namespace pb::store
