// Classes of characters in regular expressions: ranges of code points, and the names that ECMA-262 and RE2 share.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace pb::schema {

inline constexpr std::uint32_t kCodePointMax = 0x10ffff;

// "\x{41}", for inside and outside of classes. Letters and digits stay as they are.
void append_code_point(std::string& out, std::uint32_t c);
// A range without surrogates, which no text holds; nothing where nothing is left.
void append_range(std::string& out, std::uint32_t from, std::uint32_t to);

// The inside of a class for \s (or \S) as ECMA-262 has it: with the spaces of Unicode.
std::string_view space_class(bool negated);
// The inside of a class for "\p{…}" (or "\P{…}") with what stands between the braces; "" = not known here.
std::string property_class(std::string_view name, bool negated);

}  // namespace pb::schema
