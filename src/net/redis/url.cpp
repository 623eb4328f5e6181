#include "net/redis/url.h"

#include <charconv>

#include "base/strings.h"

namespace pb::net::redis {
namespace {

constexpr std::size_t kSocketPathBytesMax = 107;  // of sockaddr_un

std::unexpected<Error> bad(std::string why) { return fail(Code::invalid_request, std::move(why)); }

Result<int> number(std::string_view text, int least, int most, const char* what) {
  int n = 0;
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || at != text.data() + text.size() || n < least || n > most)
    return bad(std::string(what) + " must be a number from " + std::to_string(least) + " to " +
               std::to_string(most));
  return n;
}

Result<Address> parse_socket(std::string_view rest) {
  Address a;
  const std::size_t query = rest.find('?');
  a.path = rest.substr(0, query);
  if (!a.path.starts_with('/')) return bad("a socket's path must begin with /, as in unix:///run/redis.sock");
  if (a.path.size() > kSocketPathBytesMax) return bad("a socket's path has at most 107 bytes");
  if (query == rest.npos) return a;
  std::string_view option = rest.substr(query + 1);
  if (!option.starts_with("db=")) return bad("after the socket's path only ?db=NUMBER may stand");
  TRY_ASSIGN(a.database, number(option.substr(3), 0, 1'000'000, "the database"));
  return a;
}

}  // namespace

std::string Address::text() const {
  const std::string db = std::to_string(database);
  if (!path.empty()) return "unix://" + path + (database == 0 ? "" : "?db=" + db);
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (tls ? "rediss://" : "redis://") + name + ":" + std::to_string(port) +
         (database == 0 ? "" : "/" + db);
}

Result<Address> parse_address(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return bad("the address has a space or control character");
  if (text.starts_with("unix://")) return parse_socket(text.substr(7));
  Address a;
  if (text.starts_with("rediss://"))
    a.tls = true, text.remove_prefix(9);
  else if (text.starts_with("redis://"))
    text.remove_prefix(8);
  else
    return bad("the address must begin with redis://, rediss:// or unix://");
  if (text.find_first_of("?#") != text.npos) return bad("no ? and # may stand in the address");
  // A password that was not percent-encoded may hold a slash: the last @ ends it.
  if (const std::size_t at = text.rfind('@'); at != text.npos) {
    const std::string_view login = text.substr(0, at);
    const std::size_t colon = login.find(':');
    if (colon == login.npos) return bad("before the @ must stand user:password, or :password without a user");
    a.user = percent_decode(login.substr(0, colon));
    a.password = Secret(percent_decode(login.substr(colon + 1)));
    if (!a.user.empty() && a.password.empty()) return bad("a user needs a password");
    text.remove_prefix(at + 1);
  }
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != text.npos && slash + 1 < text.size()) {
    TRY_ASSIGN(a.database, number(text.substr(slash + 1), 0, 1'000'000, "the database"));
  }
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == authority.npos) return bad("the IPv6 address has no closing bracket");
    a.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    a.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  if (a.host.empty()) return bad("the address has no host");
  if (authority.empty()) return a;
  if (authority[0] != ':') return bad("unexpected text after the host");
  TRY_ASSIGN(const int port, number(authority.substr(1), 1, 65535, "the port"));
  a.port = static_cast<unsigned short>(port);
  return a;
}

}  // namespace pb::net::redis
