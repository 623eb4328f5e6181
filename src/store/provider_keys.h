// The providers' own keys, in one sealed file (store/seal.h) beside the ledger. Any number of processes; calls wait for the disk.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "store/master_key.h"

namespace pb::store {

struct ProviderKey {
  std::string name;  // what `${keyring:NAME}` takes; a provider's or a vendor's
  Secret secret;
  std::int64_t set_ms = 0, rotated_ms = 0;  // Unix; 0 = not
};

struct KeyEvent {  // for the audit
  std::int64_t at_ms = 0;
  std::string what;  // "set", "rotate", "delete", "reseal"
  std::string name;  // of the key; "" = of all
  std::string user;  // who did it
};

struct ProviderKeys {
  Unlock unlock = Unlock::key_file;
  std::vector<ProviderKey> keys;  // by name
  std::vector<KeyEvent> events;   // the newest last; at most kKeyEventsMax
  const ProviderKey* find(std::string_view name) const;
  ProviderKey* find(std::string_view name);
};

inline constexpr std::size_t kKeyEventsMax = 500, kProviderKeysMax = 1'000;
inline constexpr std::size_t kKeyFileBytesMax = 4u << 20;

// What is wrong with the name of a key; "" when nothing: up to 64 letters, digits, '-', '_' and '.'.
std::string provider_key_name_fault(std::string_view name);

// Nullopt: there is no file. Errors: unauthenticated (no key, a wrong passphrase), invalid_request (a file that was changed, or a key file
// that others can read), internal; each names the file.
Result<std::optional<ProviderKeys>> read_provider_keys(const KeyPlace& place);

// Reads, changes and writes them; others wait meanwhile. What is on the disk is the old or the new file, whenever it is cut off.
// `unlock`: how a new file is to be locked (nullopt: with a key file), or an old one from now on; nothing is changed when `change` fails.
using ProviderKeysChange = std::function<Result<void>(ProviderKeys&)>;
Result<void> change_provider_keys(const KeyPlace& place, std::optional<Unlock> unlock,
                                  const ProviderKeysChange& change);
// The same, and with another lock: `next` says where the new one's passphrase comes from.
Result<void> reseal_provider_keys(const KeyPlace& place, const KeyPlace& next, Unlock unlock,
                                  const ProviderKeysChange& change);

}  // namespace pb::store
