#include "net/fetch_url.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "base/strings.h"

namespace pb::net {
namespace {

constexpr std::size_t kUrlBytesMax = 8192;
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 §2.3.4
constexpr std::size_t kLabelBytesMax = 63;

std::unexpected<Error> bad(std::string_view why) { return fail(Code::invalid_request, std::string(why)); }

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What some programs take for an IPv4 address: the last label is a number in any base (WHATWG URL, "ends in a number").
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  return digits(last) || last.starts_with("0x");
}

Result<std::string> parse_v6(std::string_view text) {
  if (text.contains('%')) return bad("has an IPv6 zone in its host");
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address_v6(text, ec);
  if (ec) return bad("has a malformed IPv6 address");
  return address.to_string();
}

Result<std::string> parse_name(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80)
      return bad("has letters beyond ASCII in its host; write the name in its xn-- form");
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_';
    if (!plain) return bad("has a character in its host that does not belong there");
  }
  std::string host = lower(text);
  if (host.ends_with('.')) host.pop_back();
  if (host.empty()) return bad("has no host");
  if (host.size() > kHostBytesMax) return bad("has a host that is too long");
  for (std::size_t at = 0; at <= host.size();) {
    const std::size_t dot = std::min(host.find('.', at), host.size());
    if (dot == at || dot - at > kLabelBytesMax) return bad("has a malformed host");
    at = dot + 1;
  }
  if (!ends_in_number(host)) return host;
  boost::system::error_code ec;
  boost::asio::ip::make_address_v4(host, ec);
  if (ec) return bad("has an IPv4 address in an unusual spelling; write it as four decimal numbers");
  return host;
}

// "host", "host:port", "[v6]", "[v6]:port" -> both; port 0 when there is none.
Result<std::pair<std::string, unsigned short>> parse_authority(std::string_view text) {
  std::string host;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return bad("has an IPv6 address without its closing bracket");
    TRY_ASSIGN(host, parse_v6(text.substr(1, close - 1)));
    port = text.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad("has unexpected text after its host");
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    TRY_ASSIGN(host, parse_name(text.substr(0, colon)));
    port = text.substr(colon);
  }
  if (port.size() <= 1) return std::pair{std::move(host), static_cast<unsigned short>(0)};
  port.remove_prefix(1);
  unsigned value = 0;
  auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), value);
  if (!digits(port) || ec != std::errc{} || value == 0 || value > 65535)
    return bad("has a port that is not a number from 1 to 65535");
  return std::pair{std::move(host), static_cast<unsigned short>(value)};
}

void append_target(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x80) {
      out += c;
    } else {
      out += '%';
      out += kHex[u >> 4];
      out += kHex[u & 15];
    }
  }
}

}  // namespace

Result<FetchUrl> parse_fetch_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return bad("is longer than " + std::to_string(kUrlBytesMax) + " bytes");
  for (char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return bad("holds a space or a control character");
  const std::size_t scheme_end = text.find("://");
  const std::string scheme = scheme_end == text.npos ? std::string() : lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return bad("must start with http:// or https://");
  FetchUrl out;
  out.url.tls = scheme == "https";
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t path_at = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, path_at), rest = text.substr(path_at);
  if (authority.contains('\\')) return bad("has a backslash in its host");
  if (authority.contains('@')) return bad("must not hold a user name or password");
  if (authority.empty()) return bad("has no host");
  TRY_ASSIGN(auto both, parse_authority(authority));
  out.url.host = std::move(both.first);
  out.url.port = both.second != 0 ? both.second : out.url.tls ? 443 : 80;
  if (!rest.starts_with('/')) out.target = "/";
  append_target(out.target, rest);
  out.shown = scheme + "://" + out.url.authority() + out.target.substr(0, out.target.find('?'));
  return out;
}

std::string redirect_target(const FetchUrl& from, std::string_view location) {
  const std::string scheme = from.url.tls ? "https:" : "http:";
  const std::size_t colon = location.find(':');
  if (colon != location.npos && colon < location.find_first_of("/?#")) return std::string(location);
  if (location.starts_with("//")) return scheme + std::string(location);
  std::string out = scheme + "//" + from.url.authority();
  if (location.starts_with('/')) return out.append(location);
  const std::string path = from.target.substr(0, from.target.find('?'));
  if (location.empty() || location[0] == '?' || location[0] == '#') return out.append(path).append(location);
  return out.append(path.substr(0, path.rfind('/') + 1)).append(location);
}

bool AllowedHost::matches(const Url& url) const {
  if (port != 0 && port != url.port) return false;
  if (!host.starts_with("*.")) return host == url.host;
  const std::string_view suffix = std::string_view(host).substr(1);
  return url.host.size() > suffix.size() && url.host.ends_with(suffix);
}

Result<AllowedHost> parse_allowed_host(std::string_view text) {
  const auto wrong = [&] {
    return bad(
        "must be a host, as in `images.local`, `*.corp.example`, `10.0.0.5` or `[fd00::5]:8080`; found `" +
        std::string(text) + "`");
  };
  AllowedHost out;
  const bool wide = text.starts_with("*.");
  const std::string_view plain = wide ? text.substr(2) : text;
  boost::system::error_code ec;
  boost::asio::ip::make_address_v6(plain, ec);
  auto both = parse_authority(!ec && !wide ? "[" + std::string(plain) + "]" : std::string(plain));
  if (!both || (wide && ends_in_number(both->first))) return wrong();
  out.host = (wide ? "*." : "") + both->first;
  out.port = both->second;
  return out;
}

}  // namespace pb::net
