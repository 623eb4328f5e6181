#include "base/schema/formats.h"
#include "base/strings.h"

#include "base/schema/pattern.h"

namespace pb::schema {
namespace {

struct Row {
  std::string_view name, text;
};

// By Format.
constexpr Row kRows[] = {{"date-time", "a date and time as in 2026-11-21T12:00:00Z"},
                         {"date", "a date as in 2026-11-21"},
                         {"time", "a time as in 12:00:00Z"},
                         {"duration", "a duration as in P1DT12H"},
                         {"email", "an e-mail address"},
                         {"idn-email", "an e-mail address"},
                         {"hostname", "a host name"},
                         {"idn-hostname", "a host name"},
                         {"ipv4", "an IPv4 address"},
                         {"ipv6", "an IPv6 address"},
                         {"uri", "a URI with its scheme, as in https://example.com/a"},
                         {"uri-reference", "a URI or a reference relative to one"},
                         {"iri", "an IRI with its scheme"},
                         {"iri-reference", "an IRI or a reference relative to one"},
                         {"uri-template", "a URI template"},
                         {"uuid", "a UUID"},
                         {"json-pointer", "a JSON pointer"},
                         {"relative-json-pointer", "a relative JSON pointer"},
                         {"regex", "a regular expression"}};

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  const std::string_view rest = text.substr(digits);
  return rest == "#" || is_json_pointer(rest);
}

}  // namespace

std::optional<Format> format_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kRows); ++i)
    if (kRows[i].name == name) return static_cast<Format>(i);
  return std::nullopt;
}

std::string_view format_text(Format format) { return kRows[static_cast<std::size_t>(format)].text; }

bool has_format(Format format, std::string_view text) {
  switch (format) {
    case Format::date_time:
      return is_date_time(text);
    case Format::date:
      return is_date(text);
    case Format::time:
      return is_time(text);
    case Format::duration:
      return is_duration(text);
    case Format::email:
    case Format::idn_email:
      return is_email(text, format == Format::idn_email);
    case Format::hostname:
    case Format::idn_hostname:
      return is_hostname(text, format == Format::idn_hostname);
    case Format::ipv4:
      return is_ipv4(text);
    case Format::ipv6:
      return is_ipv6(text);
    case Format::uri:
    case Format::iri:
      return is_uri(text, false, format == Format::iri);
    case Format::uri_reference:
    case Format::iri_reference:
      return is_uri(text, true, format == Format::iri_reference);
    case Format::uri_template:
      return is_uri_template(text);
    case Format::uuid:
      return is_uuid(text);
    case Format::json_pointer:
      return is_json_pointer(text);
    case Format::relative_json_pointer:
      return is_relative_json_pointer(text);
    case Format::regex:
      return is_regular_expression(text);
  }
  return true;
}

}  // namespace pb::schema
