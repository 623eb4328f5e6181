// The formats of JSON Schema (2020-12 validation, section 7.3) as checks of texts, each in one pass without allocation; `regex` excepted.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace pb::schema {

enum class Format : std::uint8_t {
  date_time,
  date,
  time,
  duration,
  email,
  idn_email,
  hostname,
  idn_hostname,
  ipv4,
  ipv6,
  uri,
  uri_reference,
  iri,
  iri_reference,
  uri_template,
  uuid,
  json_pointer,
  relative_json_pointer,
  regex,
};

// nullopt: no format that is checked here, so that it only describes.
std::optional<Format> format_of(std::string_view name);
std::string_view format_text(Format format);  // "a date and time as in 2026-11-21T12:00:00Z"
bool has_format(Format format, std::string_view text);

// formats_time.cpp (RFC 3339)
bool is_date(std::string_view text);
bool is_time(std::string_view text);  // with its offset
bool is_date_time(std::string_view text);
bool is_duration(std::string_view text);
// formats_net.cpp
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_hostname(std::string_view text, bool international);
bool is_email(std::string_view text, bool international);
// formats_uri.cpp (RFC 3986, 3987, 6570); `reference`: may be relative
bool is_uri(std::string_view text, bool reference, bool international);
bool is_uri_template(std::string_view text);

}  // namespace pb::schema
