#include <algorithm>

#include "base/schema/formats.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace pb::schema {
namespace {

bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// RFC 1123 section 2.1; punycode is not decoded, and in international names characters are counted.
bool is_label(std::string_view label, bool international) {
  if (label.empty() || (label.size() > 63 && (!international || utf8::characters(label) > 63)) ||
      label.front() == '-' || label.back() == '-')
    return false;
  if (label.size() >= 4 && label.substr(2, 2) == "--" && label.substr(0, 2) != "xn" &&
      label.substr(0, 2) != "XN")
    return false;
  return std::all_of(label.begin(), label.end(), [&](char c) {
    return is_digit(c) || is_letter(c) || c == '-' || (international && is_wide(c));
  });
}

bool is_atom_character(char c, bool international) {
  return is_digit(c) || is_letter(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos ||
         (international && is_wide(c));
}

bool is_dot_atom(std::string_view text, bool international) {
  bool dot = true;
  for (const char c : text) {
    if (c == '.' ? dot : !is_atom_character(c, international)) return false;
    dot = c == '.';
  }
  return !dot;
}

bool is_quoted(std::string_view text, bool international) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i == text.size()) return false;
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) return false;
    if (is_wide(text[i]) ? !international : text[i] < ' ' || text[i] == 0x7f) return false;
  }
  return true;
}

}  // namespace

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text[0] != '.') return false;
      text.remove_prefix(1);
    }
    std::size_t digits = 0;
    int n = 0;
    for (; digits < text.size() && digits < 4 && is_digit(text[digits]); ++digits)
      n = n * 10 + (text[digits] - '0');
    if (digits == 0 || digits > 3 || n > 255 || (digits > 1 && text[0] == '0')) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

// RFC 4291 section 2.2, without zones.
bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (const std::size_t dot = text.find('.');
        dot != std::string_view::npos && text.find(':') == std::string_view::npos) {
      groups += 2;
      return is_ipv4(text) && (gap ? groups < 8 : groups == 8);
    }
    std::size_t digits = 0;
    while (digits < text.size() && is_hex(text[digits])) ++digits;
    if (digits == 0 || digits > 4 || ++groups > 8) return false;
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (text[0] != ':') return false;
    text.remove_prefix(1);
    if (text.starts_with(':')) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
    } else if (text.empty()) {
      return false;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text, bool international) {
  if (text.empty() || (text.size() > 253 && (!international || utf8::characters(text) > 253))) return false;
  for (;;) {
    std::size_t end = std::min(text.find('.'), text.size()), dot = 1;
    if (international)  // three other full stops, RFC 3490 section 3.1
      for (const std::string_view other : {"\u3002", "\uff0e", "\uff61"})
        if (const std::size_t at = text.find(other); at < end) {
          end = at;
          dot = other.size();
        }
    if (!is_label(text.substr(0, end), international)) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + dot);
  }
}

// RFC 5321 section 4.1.2 and RFC 6531.
bool is_email(std::string_view text, bool international) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at > 64) return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (!is_dot_atom(local, international) && !is_quoted(local, international)) return false;
  if (domain.starts_with('[') && domain.ends_with(']')) {
    const std::string_view address = domain.substr(1, domain.size() - 2);
    return address.starts_with("IPv6:") ? is_ipv6(address.substr(5)) : is_ipv4(address);
  }
  return is_hostname(domain, international);
}

}  // namespace pb::schema
