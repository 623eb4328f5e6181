#include "gateway/headers.h"

#include <time.h>

#include <charconv>

#include "base/strings.h"

namespace pb::gateway {
namespace {

constexpr std::string_view kNotUpstream[] = {
    "host",
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "origin",
    "referer",
    "expect",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
};
constexpr std::string_view kNotDownstream[] = {
    "date",
    "set-cookie",
    "alt-svc",
    "strict-transport-security",
    "server",
    "via",
    "report-to",
    "nel",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "cf-ray",
    "cf-cache-status",
    "location",
    "access-control-expose-headers",
};

bool starts_with_i(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && net::iequals(text.substr(0, prefix.size()), prefix);
}

template <std::size_t N>
bool any_of(const std::string_view (&names)[N], std::string_view name) {
  for (std::string_view n : names)
    if (n.size() == name.size() && net::iequals(n, name)) return true;
  return false;
}

// The vendor's own headers give way to the client's; those a user configured do not.
bool is_default(const llm::Vendor& vendor, std::string_view name) {
  if (net::iequals(name, "anthropic-version")) return true;
  for (const auto& [known, value] : vendor.headers)
    if (net::iequals(known, name)) return true;
  return false;
}

void add_provider_headers(const Route& route, net::Headers& to) {
  const Upstream& u = *route.upstream;
  if (!u.auth_header.empty()) to.add(u.auth_header, u.auth_value.reveal());
  for (const auto& [name, value] : u.provider->headers) {
    if (route.dialect->name != "anthropic" && net::iequals(name, "anthropic-version")) continue;
    if (!is_default(*u.provider->vendor, name))
      to.set(name, value);
    else if (!to.has(name))
      to.add(name, value);
  }
}

bool parse_number(std::string_view text, double& out) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && out >= 0 && out < 1e6;
}

}  // namespace

void forward_request_headers(const net::Headers& from, const Route& route, net::Headers& to) {
  to.reserve(from.text().size() + 256, from.size() + 8);
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto [name, value] = from.at(i);
    if (any_of(kNotUpstream, name) || starts_with_i(name, "sec-") || starts_with_i(name, "x-patchbay-"))
      continue;
    to.add_valid(name, value);
  }
  if (!to.has("content-type")) to.add("Content-Type", "application/json");
  add_provider_headers(route, to);
}

void translated_request_headers(const Route& route, bool stream, net::Headers& to) {
  to.add("Content-Type", "application/json");
  to.add("Accept", stream ? route.dialect->content_type : "application/json");
  to.add("Accept-Encoding", "identity");
  to.add("User-Agent", "patchbay/" PATCHBAY_VERSION);
  add_provider_headers(route, to);
}

void forward_response_headers(const net::Headers& from, net::Headers& to) {
  to.reserve(from.text().size() + 128, from.size() + 4);
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto [name, value] = from.at(i);
    if (!any_of(kNotDownstream, name) && !net::hop_by_hop(name)) to.add_valid(name, value);
  }
}

void translated_response_headers(const net::Headers& from, net::Headers& to) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto [name, value] = from.at(i);
    if (starts_with_i(name, "x-ratelimit-") || starts_with_i(name, "anthropic-ratelimit-") ||
        net::iequals(name, "x-should-retry"))
      to.add(name, value);
    else if (net::iequals(name, "request-id") || net::iequals(name, "x-request-id"))
      to.add("x-patchbay-upstream-request-id", value);
  }
}

int retry_after_ms(const net::Headers& headers, long long now_unix) {
  double value = 0;
  if (parse_number(headers.get("retry-after-ms"), value)) return static_cast<int>(value);
  std::string_view text = headers.get("retry-after");
  if (parse_number(text, value)) return static_cast<int>(value * 1000);
  tm parts{};
  if (!text.empty() &&
      ::strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) != nullptr) {
    long long seconds = ::timegm(&parts) - now_unix;
    return seconds <= 0 ? 0 : seconds > 1'000'000 ? 1'000'000'000 : static_cast<int>(seconds * 1000);
  }
  return -1;
}

std::string request_target(const Route& route, std::string_view suffix,
                           std::optional<std::string_view> client_query, bool stream) {
  const std::string& base = route.upstream->origin.url.path;
  const std::string& own = route.upstream->provider->query;
  std::string_view path = stream ? route.stream_path : route.path;
  std::string_view query;
  if (const std::size_t mark = path.find('?'); mark != path.npos) {
    query = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  std::string stripped;
  if (client_query) {
    query = *client_query;
    if (!query_value(query, "key").empty()) query = stripped = without_query(query, "key");
  }
  constexpr std::string_view kModel = "{model}";
  std::string out;
  out.reserve(base.size() + path.size() + suffix.size() + query.size() + own.size() + 2);
  out.append(base);
  if (const std::size_t model = path.find(kModel); model != path.npos) {
    out.append(path.substr(0, model)).append(percent_encode_path(route.model));
    path.remove_prefix(model + kModel.size());
  }
  out.append(path).append(suffix);
  if (!query.empty()) out.append("?").append(query);
  if (!own.empty()) out.append(query.empty() ? "?" : "&").append(own);
  return out;
}

}  // namespace pb::gateway
