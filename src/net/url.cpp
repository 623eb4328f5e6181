#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/strings.h"
#include "net/client.h"

namespace pb::net {
namespace {

Result<unsigned short> parse_port(std::string_view text, std::string_view whole) {
  unsigned value = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || value == 0 || value > 65535)
    return fail(Code::invalid_request,
                "URL `" + std::string(whole) + "`: the port must be a number from 1 to 65535");
  return static_cast<unsigned short>(value);
}

std::string first_env(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* v = std::getenv(name); v != nullptr && *v != '\0') return v;
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  auto bad = [&](std::string_view why) {
    return fail(Code::invalid_request, "URL `" + std::string(text) + "`: " + std::string(why));
  };
  for (char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return bad("it holds a space or control character");
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://"))
    url.tls = true, rest.remove_prefix(8);
  else if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else
    return bad("it must start with http:// or https://");
  if (rest.find('#') != rest.npos) return bad("a fragment (#…) has no meaning here");
  std::size_t slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = slash == rest.npos ? std::string_view{} : rest.substr(slash);
  if (path.find('?') != path.npos)
    return bad("a query (?…) is not taken here; use the provider's `query` option");
  if (authority.find('@') != authority.npos)
    return fail(Code::invalid_request, "a URL must not hold a user name or password");
  while (path.ends_with('/')) path.remove_suffix(1);
  url.path = path;
  url.port = url.tls ? 443 : 80;
  if (authority.starts_with('[')) {
    std::size_t close = authority.find(']');
    if (close == authority.npos) return bad("the IPv6 address has no closing bracket");
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    std::size_t colon = authority.find(':');
    url.host = authority.substr(0, colon);
    authority = colon == authority.npos ? std::string_view{} : authority.substr(colon);
  }
  if (url.host.empty()) return bad("it has no host");
  if (!authority.empty()) {
    if (authority[0] != ':') return bad("unexpected text after the host");
    TRY_ASSIGN(url.port, parse_port(authority.substr(1), text));
  }
  return url;
}

Origin make_origin(Url url, bool tls_verify, std::string ca_file, int connections_max,
                   int connect_timeout_ms) {
  Origin o;
  o.key = std::string(url.tls ? "https://" : "http://") + url.host + ":" + std::to_string(url.port);
  if (url.tls && !tls_verify) o.key += " unverified";
  if (url.tls && !ca_file.empty()) o.key += " " + ca_file;
  o.url = std::move(url);
  o.tls_verify = tls_verify;
  o.ca_file = std::move(ca_file);
  o.connections_max = connections_max;
  o.connect_timeout_ms = connect_timeout_ms;
  return o;
}

ProxySettings ProxySettings::from_environment() {
  ProxySettings p;
  p.https_proxy = first_env({"https_proxy", "HTTPS_PROXY"});
  p.http_proxy =
      first_env({"http_proxy"});  // HTTP_PROXY in capitals can come from a CGI client's header (httpoxy)
  p.no_proxy = first_env({"no_proxy", "NO_PROXY"});
  return p;
}

std::string ProxySettings::proxy_for(const Url& url) const {
  const std::string& proxy = url.tls ? https_proxy : http_proxy;
  if (proxy.empty() || url.host == "localhost" || url.host == "127.0.0.1" || url.host == "::1") return {};
  std::string_view rest = no_proxy;
  while (!rest.empty()) {
    std::string_view entry = next_item(rest);
    if (entry == "*") return {};
    std::size_t colon = entry.rfind(':');
    if (colon != entry.npos && entry.find(':') == colon) {
      if (entry.substr(colon + 1) != std::to_string(url.port)) continue;
      entry = entry.substr(0, colon);
    }
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty()) continue;
    std::string_view host = url.host;
    if (iequals(host, entry)) return {};
    if (host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.' &&
        iequals(host.substr(host.size() - entry.size()), entry))
      return {};
  }
  return proxy;
}

}  // namespace pb::net
