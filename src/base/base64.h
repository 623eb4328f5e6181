// Base64 (RFC 4648 §4).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace pb {

std::string base64_encode(std::string_view bytes);
// The standard alphabet, or the URL-safe one (§5); padding may be missing. nullopt when it is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace pb
