// URLs that a client gives us to fetch, and which of them are allowed whatever their address. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/client.h"

namespace pb::net {

struct FetchUrl {
  Url url;             // host in lower case, without a dot at its end
  std::string target;  // path and query, at least "/"
  std::string shown;   // scheme, host and path, for messages: a query may hold a key
};

// http:// and https:// URLs with names, dotted IPv4 addresses or bracketed IPv6 ones. Everything that programs read
// differently is refused: users and passwords, backslashes, spaces, addresses in other spellings (0x7f.1, 2130706433),
// percent signs and non-ASCII letters in the host (internationalised names are written as xn--…), IPv6 zones. The fragment is
// left out. Errors (invalid_request) are to be read after "the URL".
Result<FetchUrl> parse_fetch_url(std::string_view text);

// Where a redirect leads: `location` may be relative (RFC 3986 §5.2, without the removal of dots).
std::string redirect_target(const FetchUrl& from, std::string_view location);

// An entry of media.allow_hosts: "images.local", "*.corp.example", "10.0.0.5", "[fd00::5]:8080", "images.local:8080".
struct AllowedHost {
  std::string host;         // lower case; "*.suffix" as it is
  unsigned short port = 0;  // 0 = any
  bool matches(const Url& url) const;
};
// Errors say what an entry must look like.
Result<AllowedHost> parse_allowed_host(std::string_view text);

}  // namespace pb::net
