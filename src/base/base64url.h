// Base64 for URLs without padding, as JOSE writes it (RFC 7515 §2): each value has one spelling, and no other is taken.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace pb {

std::string base64url_encode(std::string_view bytes);
// nullopt: padding, a letter of the standard alphabet, or bits behind the last byte.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace pb
