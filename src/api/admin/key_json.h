// A virtual key as JSON: the same from `patchbay keys --json` and from the admin API.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "store/keys.h"

namespace pb::api::admin {

// The members, into an object that is open in `w`. `secret`: shown once; "" = left out.
void write_key_members(json::Writer& w, const store::VirtualKey& key, std::int64_t now_ms,
                       std::string_view secret);
void write_key(json::Writer& w, const store::VirtualKey& key, std::int64_t now_ms,
               std::string_view secret = {});

}  // namespace pb::api::admin
