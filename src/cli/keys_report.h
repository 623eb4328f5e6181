// What `patchbay keys` prints and reads from its arguments, without files or clocks.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "store/keys.h"

namespace pb::cli {

// "30m", "12h", "30d", "2w" in milliseconds. Errors: invalid_request.
Result<std::int64_t> parse_span(std::string_view text);
// Unix milliseconds of "30d" from `now_ms`, of the end of a date in local time, 0 of "never" and "".
Result<std::int64_t> parse_expiry(std::string_view text, std::int64_t now_ms);
// Puts the changes into the key. Errors: invalid_request, with the option's name.
Result<void> apply(const KeyChanges& changes, std::int64_t now_ms, store::VirtualKey& key);

// One line a key.
std::string keys_table(const std::vector<store::VirtualKey>& keys, std::int64_t now_ms);
std::string key_text(const store::VirtualKey& key, std::int64_t now_ms);
// `secret`: shown once; "" = left out.
std::string key_json(const store::VirtualKey& key, std::int64_t now_ms, std::string_view secret = {});
std::string keys_json(const std::vector<store::VirtualKey>& keys, std::int64_t now_ms);

}  // namespace pb::cli
