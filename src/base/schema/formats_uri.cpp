#include <algorithm>

#include "base/schema/formats.h"
#include "base/strings.h"

namespace pb::schema {
namespace {

bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// Unreserved characters, sub-delimiters, percent escapes and those in `more`.
bool made_of(std::string_view text, std::string_view more, bool international) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
      continue;
    }
    if (!is_letter(c) && !is_digit(c) && !in("-._~!$&'()*+,;=", c) && !in(more, c) &&
        !(international && is_wide(c)))
      return false;
  }
  return true;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || in("+-.", c);
  });
}

// "v1.x" of "[v1.x]", RFC 3986 section 3.2.2
bool is_future_address(std::string_view text) {
  if (text.empty() || (text[0] != 'v' && text[0] != 'V')) return false;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size()) return false;
  const std::string_view version = text.substr(1, dot - 1), rest = text.substr(dot + 1);
  return std::all_of(version.begin(), version.end(), is_hex) && rest.find('%') == std::string_view::npos &&
         made_of(rest, ":", false);
}

bool is_authority(std::string_view text, bool international) {
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (!made_of(text.substr(0, at), ":", international)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view address = text.substr(1, end - 1);
    if (!is_ipv6(address) && !is_future_address(address)) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
    host = {};
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  return made_of(host, "", international) &&
         (port.empty() || std::all_of(port.begin() + 1, port.end(), is_digit));
}

// The inside of "{…}", RFC 6570 section 2.
bool is_expression(std::string_view text) {
  if (!text.empty() && in("+#./;?&=,!@|", text[0])) text.remove_prefix(1);
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, end);
    if (name.ends_with('*')) {
      name.remove_suffix(1);
    } else if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
      const std::string_view length = name.substr(colon + 1);
      if (length.empty() || length.size() > 4 || length[0] == '0' ||
          !std::all_of(length.begin(), length.end(), is_digit))
        return false;
      name = name.substr(0, colon);
    }
    if (name.empty() || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string_view::npos)
      return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (name[i] == '%') {
        if (i + 2 >= name.size() || !is_hex(name[i + 1]) || !is_hex(name[i + 2])) return false;
        i += 2;
      } else if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '_' && name[i] != '.') {
        return false;
      }
    }
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_uri(std::string_view text, bool reference, bool international) {
  const std::size_t colon = text.find_first_of(":/?#");
  const bool has_scheme =
      colon != std::string_view::npos && text[colon] == ':' && is_scheme(text.substr(0, colon));
  if (!has_scheme && !reference) return false;
  // A colon in the first segment of a relative path would make it a scheme.
  if (!has_scheme && colon != std::string_view::npos && text[colon] == ':') return false;
  if (has_scheme) text.remove_prefix(colon + 1);
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    if (!made_of(text.substr(hash + 1), ":@/?", international)) return false;
    text = text.substr(0, hash);
  }
  if (const std::size_t question = text.find('?'); question != std::string_view::npos) {
    if (!made_of(text.substr(question + 1), ":@/?", international)) return false;
    text = text.substr(0, question);
  }
  if (text.starts_with("//")) {
    const std::size_t end = std::min(text.find('/', 2), text.size());
    if (!is_authority(text.substr(2, end - 2), international)) return false;
    text.remove_prefix(end);
  }
  return made_of(text, ":@/", international);
}

bool is_uri_template(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos || !is_expression(text.substr(i + 1, end - i - 1))) return false;
      i = end;
    } else if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (c <= ' ' ? !is_wide(c) : in("\"<>\\^`|}\x7f", c)) {
      return false;
    }
  }
  return true;
}

}  // namespace pb::schema
