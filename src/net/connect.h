// Opening one connection to an origin: name, TCP, proxy, TLS.
#pragma once
#include <memory>

#include "net/client.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/sweeper.h"

namespace pb::net {

struct ConnectDeps {
  boost::asio::io_context& io;
  Sweeper& sweeper;
  Resolver& resolver;
};

// `proxy`: "http://[user:password@]host:port", "" for none. `tls`: used when the origin's URL is https.
Task<Result<std::unique_ptr<Stream>>> connect(ConnectDeps deps, const Origin& origin, std::string proxy,
                                              std::shared_ptr<TlsContext> tls);

// "Proxy-Authorization: Basic …\r\n" for a proxy URL with credentials, else "".
std::string proxy_authorization(const std::string& proxy);

}  // namespace pb::net
