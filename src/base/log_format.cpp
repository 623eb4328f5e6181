// The text of log lines; pure.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ctime>

#include "base/log.h"
#include "base/names.h"
#include "base/redact.h"
#include "base/utf8.h"

namespace pb::log {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, static_cast<std::size_t>(Module::count_)> kModules = {
    "main", "net", "llm", "gateway", "store", "config", "api", "sim"};

void append_unicode_escape(std::string& out, unsigned code) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[(code >> shift) & 15];
}

// Escapes as JSON strings do, and beyond it the C1 controls (U+0080-U+009F), which terminals obey, and the
// line separators and direction overrides, which make a line look like another. `quoted`: '"' and '\' are
// escaped too.
void append_clean(std::string& out, std::string_view text, bool quoted) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      ++i;
      if (c >= 0x20 && c != 0x7F) {
        if (quoted && (c == '"' || c == '\\')) out += '\\';
        out += static_cast<char>(c);
      } else if (c == '\n') {
        out += "\\n";
      } else if (c == '\r') {
        out += "\\r";
      } else if (c == '\t') {
        out += "\\t";
      } else {
        append_unicode_escape(out, c);
      }
      continue;
    }
    const std::size_t length = utf8::length(text, i);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    const auto part = [&](std::size_t k) {
      return static_cast<unsigned>(static_cast<unsigned char>(text[i + k])) & 0x3F;
    };
    const unsigned code = length == 2   ? (c & 0x1Fu) << 6 | part(1)
                          : length == 3 ? (c & 0x0Fu) << 12 | part(1) << 6 | part(2)
                                        : 0x10000;
    const bool hidden = code <= 0x9F || (code >= 0x200E && code <= 0x200F) ||
                        (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    if (hidden)
      append_unicode_escape(out, code);
    else
      out.append(text, i, length);
    i += length;
  }
}

// `text` masked, in a buffer that is reused by the thread.
std::string_view masked(std::string_view text) {
  thread_local std::string buffer;
  buffer.clear();
  append_redacted(buffer, text);
  return buffer;
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const unsigned char c : text)
    if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\') return true;
  return false;
}

void append_value(std::string& out, bool json, const Field& field) {
  char digits[32];
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const std::string_view clean = masked(*text);
    const bool quotes = json || needs_quotes(clean);
    if (quotes) out += '"';
    append_clean(out, clean, quotes);
    if (quotes) out += '"';
  } else if (const auto* whole = std::get_if<long long>(&field.value)) {
    out.append(digits, std::to_chars(digits, digits + sizeof digits, *whole).ptr);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    if (std::isfinite(*real))
      out.append(digits, std::to_chars(digits, digits + sizeof digits, *real).ptr);
    else
      out += json ? "null" : "nan";
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

void append_number(std::string& out, int n, int width) {
  char digits[4];
  for (int i = width - 1; i >= 0; --i, n /= 10) digits[i] = static_cast<char>('0' + n % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

// 2026-11-20T12:00:00.123Z; the part up to seconds is kept per thread, as it changes once a second.
void append_time(std::string& out, long long unix_ms) {
  thread_local long long second = -1;
  thread_local std::string text;
  long long ms = unix_ms % 1000, seconds = unix_ms / 1000;
  if (ms < 0) ms += 1000, --seconds;
  if (seconds != second || text.empty()) {
    second = seconds;
    const std::time_t t = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&t, &parts);
    text.clear();
    append_number(text, parts.tm_year + 1900, 4);
    constexpr std::string_view separators = "--T::";
    const int rest[] = {parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec};
    for (std::size_t i = 0; i < 5; ++i) {
      text += separators[i];
      append_number(text, rest[i], 2);
    }
    text += '.';
  }
  out += text;
  append_number(out, static_cast<int>(ms), 3);
  out += 'Z';
}

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out += text;
  if (text.size() < width) out.append(width - text.size(), ' ');
}

}  // namespace

std::string_view to_string(Level level) { return name_in(kLevels, level); }
std::string_view to_string(Module module) { return name_in(kModules, module); }

bool parse_level(std::string_view text, Level& level) {
  const auto known = value_named<Level>(kLevels, text);
  level = known.value_or(level);
  return known.has_value();
}

bool parse_module(std::string_view text, Module& module) {
  for (std::size_t i = 0; i < kModules.size(); ++i) {
    if (kModules[i] != text) continue;
    module = static_cast<Module>(i);
    return true;
  }
  return false;
}

void format_line(std::string& out, bool json, long long unix_ms, Module module, Level level,
                 std::string_view message, std::initializer_list<Field> fields) {
  if (json) {
    out += "{\"ts\":\"";
    append_time(out, unix_ms);
    out.append("\",\"level\":\"").append(to_string(level));
    out.append("\",\"module\":\"").append(to_string(module)).append("\",\"msg\":\"");
    append_clean(out, masked(message), true);
    out += '"';
  } else {
    append_time(out, unix_ms);
    out += ' ';
    append_padded(out, to_string(level), 5);
    out += ' ';
    append_padded(out, to_string(module), 7);
    out += "  ";
    append_clean(out, masked(message), false);
  }
  for (const Field& field : fields) {
    out += json ? ",\"" : " ";
    append_clean(out, field.name, json);
    out += json ? "\":" : "=";
    append_value(out, json, field);
  }
  out += json ? "}\n" : "\n";
}

}  // namespace pb::log
