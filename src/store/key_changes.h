// What can be done to virtual keys, as the commands and the admin API do it.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "store/keys.h"

namespace pb::store {

struct KeyWithSecret {
  VirtualKey key;
  std::string secret;  // kept nowhere
};
// Puts rights and limits into a key; may refuse.
using KeyChange = std::function<Result<void>(VirtualKey&)>;

// "active", "expired" or "revoked".
std::string_view state_of(const VirtualKey& key, std::int64_t now_ms);

// Errors: invalid_request, when the name is none or is taken, and those of `fill`.
Result<KeyWithSecret> create_key(KeyStore& keys, std::string name, std::int64_t now_ms,
                                 const KeyChange& fill);
// Errors of these: not_found; invalid_request, when the key is revoked; those of `change`.
Result<VirtualKey> change_key(KeyStore& keys, std::string_view name, const KeyChange& change);
// `grace_ms`: how long the old secret stays valid.
Result<KeyWithSecret> rotate_key(KeyStore& keys, std::string_view name, std::int64_t now_ms,
                                 std::int64_t grace_ms);
// Doing it again changes nothing.
Result<VirtualKey> revoke_key(KeyStore& keys, std::string_view name, std::int64_t now_ms);

}  // namespace pb::store
