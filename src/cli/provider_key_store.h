// The store of the providers' keys as commands use it: found by the configuration, its passphrase asked for where there is a terminal.
#pragma once
#include <optional>
#include <string>

#include "cli/provider_keys_report.h"
#include "config/load.h"

namespace pb::cli {

struct KeyStorePlace {
  config::LoadOptions load;
  store::KeyPlace place;
  bool there = false;  // the file is
};
// Mistakes of the configuration that are about something else are left to other commands: a key may be missing that is about to be stored.
// Errors: invalid_request.
Result<KeyStorePlace> find_key_store(const std::string& config);

// The store's keys, and what is known of each by the configuration and the ledger. Nullopt: nothing is stored.
struct KeyViews {
  store::ProviderKeys keys;
  std::vector<StoredKeyView> views;
  std::vector<std::string> hints;
};
Result<std::optional<KeyViews>> read_key_views(const KeyStorePlace& at, bool with_ledger);
// The files' permissions.
std::vector<KeyFileView> key_files(const KeyStorePlace& at, store::Unlock unlock);
std::string user_name();  // of who runs this

}  // namespace pb::cli
