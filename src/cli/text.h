// Text for terminals.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pb::cli {

std::string thousands(std::int64_t n);  // "1,234,567"
// Without control characters (C0, DEL and C1), which a client may have put into a model's name; "-" for nothing.
std::string printable(std::string_view text);
// Code points; near enough to columns for the names of models.
std::size_t width(std::string_view text);
// No wider than `columns`; what is cut off ends in "…".
std::string fit(std::string_view text, std::size_t columns);
// Rows as lines, each column but the last as wide as its widest cell and two spaces. Rows may have fewer cells than others.
std::string columns(const std::vector<std::vector<std::string>>& rows);
// The texts with `separator` between them; `none` where there are none.
std::string joined(const std::vector<std::string>& texts, std::string_view separator, std::string_view none);
// RFC 3339; `none` for 0.
std::string time_or(std::int64_t unix_ms, std::string_view none);
// "45s", "12m", "3h 12m", "5d 2h".
std::string span_text(std::int64_t seconds);

}  // namespace pb::cli
