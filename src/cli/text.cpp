#include "cli/text.h"

#include <algorithm>

#include "base/when.h"

namespace pb::cli {

std::string thousands(std::int64_t n) {
  std::string digits = std::to_string(n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string printable(std::string_view text) {
  if (text.empty()) return "-";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t k) {
      return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
    };
    const bool c1 = byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    if (c1) ++i;
    out += c1 || byte(i) < 0x20 || byte(i) == 0x7F ? '?' : text[i];
  }
  return out;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string fit(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if ((text[end] & 0xC0) == 0x80) continue;
    if (++seen == columns) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], width(row[i]));
    }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator, std::string_view none) {
  if (texts.empty()) return std::string(none);
  std::string out;
  for (const std::string& text : texts) out.append(&text == texts.data() ? "" : separator).append(text);
  return out;
}

std::string time_or(std::int64_t unix_ms, std::string_view none) {
  return unix_ms == 0 ? std::string(none) : time_text(unix_ms);
}

std::string span_text(std::int64_t seconds) {
  const auto two = [](std::int64_t a, const char* unit, std::int64_t b, const char* rest) {
    return std::to_string(a) + unit + (b > 0 ? " " + std::to_string(b) + rest : "");
  };
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 86'400) return two(seconds / 3600, "h", seconds / 60 % 60, "m");
  return two(seconds / 86'400, "d", seconds / 3600 % 24, "h");
}

}  // namespace pb::cli
