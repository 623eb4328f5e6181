// Where a Redis server is: redis://, rediss:// (TLS) and unix: addresses.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace pb::net::redis {

struct Address {
  bool tls = false;
  std::string host;  // no brackets; "" for a socket of this machine
  unsigned short port = 6379;
  std::string path;  // of that socket
  std::string user;  // "" = Redis' default user
  Secret password;   // empty = none
  int database = 0;
  // For messages and logs: without user and password.
  std::string text() const;
};

// redis[s]://[[user]:password@]host[:port][/database] or unix:///path[?db=database]; user and password percent-encoded. Errors do
// not repeat the text, which may hold a password.
Result<Address> parse_address(std::string_view text);

}  // namespace pb::net::redis
