// Virtual keys: what clients present instead of a provider's key, each with a name, rights and limits. In a SQLite file of their
// own; of a key's secret only the SHA-256 is kept. The secrets are random (238 bits), so there is nothing to guess that a salt
// or a slow hash would have to protect.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "route/budget.h"

namespace pb::store {

struct VirtualKey {
  std::string id;                          // "key_…", for ever
  std::string name;                        // unique, also among revoked ones: the ledger knows keys by it
  std::string prefix;                      // "pb-Ab3d…x9Qz": as much of the secret as may be shown
  Digest digest{};                         // of the secret
  Digest old_digest{};                     // of the one before the last rotation, valid until old_until_ms
  std::int64_t old_until_ms = 0;           // 0 = there is none
  std::string team;                        // "" = none
  std::vector<std::string> models, tools;  // patterns of names; none = all
  route::Limits limits;                    // empty ones: the configuration's
  std::int64_t created_ms = 0, expires_ms = 0, revoked_ms = 0, last_used_ms = 0;  // Unix; 0 = not
  std::vector<std::pair<std::string, std::string>> metadata;                      // the owner's own notes

  bool usable(std::int64_t now_ms) const {
    return revoked_ms == 0 && (expires_ms == 0 || now_ms < expires_ms);
  }
};

inline constexpr std::string_view kSecretPrefix = "pb-";
// Puts a new secret's digest and prefix into the key and returns the secret, which is not kept anywhere.
// Errors: internal, when the system has no randomness to give.
Result<std::string> give_secret(VirtualKey& key);
// What is wrong with a key's name; "" when nothing: up to 64 letters, digits, '-', '_', '.' and '@'.
std::string name_fault(std::string_view name);

// Any thread, any number of processes; calls wait for the disk.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // False while no key was ever made: nothing is read then.
  virtual bool exists() const = 0;
  // A number that changes when another process, or another KeyStore, has changed something.
  virtual Result<std::int64_t> version() = 0;
  virtual Result<std::vector<VirtualKey>> all() = 0;  // by name; revoked ones too
  // By name or id. Error{not_found}.
  virtual Result<VirtualKey> find(std::string_view name) = 0;
  // Makes the file (0600) where there is none. Error{invalid_request}: the name is taken.
  virtual Result<void> add(const VirtualKey& key) = 0;
  // Reads, changes and writes one key in one transaction; its id and name stay. Errors: not_found, and those of `change`.
  virtual Result<VirtualKey> update(std::string_view name,
                                    const std::function<Result<void>(VirtualKey&)>& change) = 0;
  // When keys were last used, by id.
  virtual Result<void> touch(std::span<const std::pair<std::string, std::int64_t>> used) = 0;
};

std::unique_ptr<KeyStore> create_key_store(std::string path);

}  // namespace pb::store
