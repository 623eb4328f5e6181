// The options of where the providers' keys are stored.
#include "config/option_rows.h"

namespace pb::config {
namespace {

const Row<Config> kKeyStore[] = {
    {{"key_store.path",
      Kind::text,
      "Encrypted file of the providers' keys that `patchbay keys provider` stores "
      "([provider-keys.md](provider-keys.md)).",
      0,
      0,
      {},
      {},
      "`provider-keys` beside the ledger"},
     [](Config& c) -> Ref { return &c.key_store.path; }},
    {{"key_store.key_file",
      Kind::text,
      "What opens it, unless that is a passphrase or the desktop's keyring: a file that only its owner can "
      "read.",
      0,
      0,
      {},
      {},
      "`$XDG_CONFIG_HOME/patchbay/provider-keys.key` or `~/.config/patchbay/provider-keys.key`"},
     [](Config& c) -> Ref { return &c.key_store.key_file; }},
};

}  // namespace

std::vector<Bound> bind_key_store(Config& config) { return bind_rows(kKeyStore, config); }

}  // namespace pb::config
