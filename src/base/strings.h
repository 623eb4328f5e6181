// Small text helpers.
#pragma once
#include <string>
#include <string_view>

namespace pb {

// "%2F" -> "/"; a percent sign without two hexadecimal digits stays.
std::string percent_decode(std::string_view text);

}  // namespace pb
