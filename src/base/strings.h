// Small text helpers.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace pb {

// Of ASCII, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Without spaces, tabs and line ends around it.
std::string_view trim(std::string_view text);
// Takes the first item off a list with commas, trimmed; "" where two commas follow each other.
std::string_view next_item(std::string_view& list);
// All items of such a list but empty ones.
std::vector<std::string> items_of(std::string_view list);
// "AbC" -> "abc"; of ASCII.
std::string lower(std::string_view text);
// Whether `pattern` is `name`, or ends in a `*` and `name` begins with what stands before it.
bool covers(std::string_view pattern, std::string_view name);
// "%2F" -> "/"; a percent sign without two hexadecimal digits stays.
std::string percent_decode(std::string_view text);
// For a path's segments (RFC 3986 §2.3): all but unreserved characters and '/' and ':' become "%2F"s.
std::string percent_encode_path(std::string_view text);
// The value of `name` in "a=1&b=2", as written; "" when it is not there.
std::string_view query_value(std::string_view query, std::string_view name);
// The query without `name`.
std::string without_query(std::string_view query, std::string_view name);
// Whether `text` is what `pattern` describes; a `*` in it stands for any text, also none.
bool glob(std::string_view pattern, std::string_view text);

}  // namespace pb
