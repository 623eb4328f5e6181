// Durations, sizes, URLs and addresses as text.
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "config/read.h"

namespace pb::config {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr Unit kDurations[] = {{"ms", 1},       {"s", 1000},      {"m", 60'000},
                               {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kBytes[] = {{"B", 1},      {"k", 1e3},        {"kB", 1e3},         {"KB", 1e3},
                           {"M", 1e6},    {"MB", 1e6},       {"G", 1e9},          {"GB", 1e9},
                           {"KiB", 1024}, {"MiB", 1048576.}, {"GiB", 1073741824.}};

std::optional<double> with_unit(std::string_view text, std::span<const Unit> units, double bare) {
  double n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || !std::isfinite(n) || n < 0) return std::nullopt;
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit.empty()) return n * bare;
  for (const Unit& u : units)
    if (u.name == unit) return n * u.factor;
  return std::nullopt;
}

std::string number(double n) {
  std::string out;
  json::Writer(out).real(n);
  return out.ends_with(".0") ? out.substr(0, out.size() - 2) : out;
}

std::string in_units(double n, std::span<const Unit> units) {
  for (const Unit& u : units)
    if (n >= u.factor && std::fmod(n, u.factor) == 0) return number(n / u.factor) + std::string(u.name);
  return number(n);
}

}  // namespace

std::optional<double> parse_duration(std::string_view text) { return with_unit(text, kDurations, 1000); }
std::optional<double> parse_bytes(std::string_view text) { return with_unit(text, kBytes, 1); }

std::optional<double> parse_share(std::string_view text) {
  static constexpr Unit kShares[] = {{"%", 0.01}};
  const auto n = with_unit(text, kShares, 1);
  return n && *n <= 1 ? n : std::nullopt;
}

std::string share_text(double share) { return number(std::round(share * 1e6) / 1e4) + "%"; }

std::string duration_text(double ms) {
  static constexpr Unit kUnits[] = {
      {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
  return ms == 0 ? "0s" : in_units(ms, kUnits);
}

std::string bytes_text(double bytes) {
  static constexpr Unit kUnits[] = {{"GiB", 1073741824.}, {"MiB", 1048576.}, {"KiB", 1024}};
  return in_units(bytes, kUnits);
}

std::string url_fault(std::string_view url) {
  std::string_view rest = url;
  if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.starts_with("https://"))
    rest.remove_prefix(8);
  else
    return "a URL starts with http:// or https://";
  for (char c : rest)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '\\')
      return "a URL has no spaces, quotes or control characters";
  if (rest.find_first_of("?#") != rest.npos)
    return "no query or fragment belongs here (there is the option `query`)";
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != authority.npos)
    return "no user name or password belongs in the URL; use `api_key` or `headers`";
  std::string_view port;
  std::string_view host = authority;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == authority.npos) return "the `]` of the IPv6 address is missing";
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return "after `]` comes `:PORT`";
  } else if (const auto colon = authority.find(':'); colon != authority.npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return "the host is missing";
  if (!port.empty()) {
    int n = 0;
    const auto [end, ec] = std::from_chars(port.data() + 1, port.data() + port.size(), n);
    if (ec != std::errc() || end != port.data() + port.size() || n < 1 || n > 65535)
      return "the port must be between 1 and 65535";
  }
  return {};
}

std::optional<HostPort> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon + 1 == text.size()) return std::nullopt;
  HostPort out;
  const auto [end, ec] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.port);
  if (ec != std::errc() || end != text.data() + text.size() || out.port < 0 || out.port > 65535)
    return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty() || brackets != (host.find(':') != host.npos)) return std::nullopt;
  for (char c : host)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
          c == '-' || (brackets && (c == ':' || c == '%'))))
      return std::nullopt;
  out.host = host;
  return out;
}

bool HostPort::loopback() const {
  if (host == "::1" || host == "localhost") return true;
  if (!host.starts_with("127.")) return false;
  int dots = 0;
  for (char c : host) {
    if (c == '.')
      ++dots;
    else if (c < '0' || c > '9')
      return false;  // a name such as 127.0.0.1.example.com
  }
  return dots == 3 && host.back() != '.';
}

}  // namespace pb::config
