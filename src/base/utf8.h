// UTF-8 (Unicode 15, section 3.9) for text that comes from outside.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pb::utf8 {

// Length in bytes of the well-formed sequence at text[at]; 0 = ill-formed. `at` < text.size().
std::size_t length(std::string_view text, std::size_t at);
bool valid(std::string_view text);
// Code points of well-formed text.
std::int64_t characters(std::string_view text);
// No more than so many bytes of the beginning, and no part of a character.
std::string_view beginning(std::string_view text, std::size_t bytes_max);
// The same, with "…" behind it where something is missing.
std::string cut(std::string_view text, std::size_t bytes_max);
// Replaces every ill-formed byte by U+FFFD.
std::string repair(std::string_view text);

}  // namespace pb::utf8
