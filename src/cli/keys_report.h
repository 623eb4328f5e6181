// What `patchbay keys` prints and reads from its arguments, without files or clocks.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/when.h"
#include "cli/commands.h"
#include "store/keys.h"

namespace pb::cli {

// Puts the changes into the key. Errors: invalid_request, with the option's name.
Result<void> apply(const KeyChanges& changes, std::int64_t now_ms, store::VirtualKey& key);

// One line a key.
std::string keys_table(const std::vector<store::VirtualKey>& keys, std::int64_t now_ms);
std::string key_text(const store::VirtualKey& key, std::int64_t now_ms);
// `secret`: shown once; "" = left out.
std::string key_json(const store::VirtualKey& key, std::int64_t now_ms, std::string_view secret = {});
std::string keys_json(const std::vector<store::VirtualKey>& keys, std::int64_t now_ms);

}  // namespace pb::cli
