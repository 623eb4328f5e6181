// The desktop's keyring (GNOME Keyring, KWallet, KeePassXC: whatever serves the Secret Service), by way of libsecret, which is looked for
// when it is first needed: the program runs without it.
#pragma once
#include <optional>
#include <string>

#include "base/error.h"

namespace pb::store {

// A text kept for `file`. Nullopt: there is none. Waits for the user to unlock the keyring, a minute at most.
// Errors (these and of the others): internal, saying what is missing.
Result<std::optional<std::string>> desktop_secret(const std::string& file);
Result<void> keep_desktop_secret(const std::string& file, const std::string& secret);

}  // namespace pb::store
