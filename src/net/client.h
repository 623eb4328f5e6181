// HTTP/1.1 client with a pool of kept-alive connections: one per core. TLS with verification and SNI; proxies.
#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/task.h"
#include "net/http.h"

namespace pb::net {

class Sweeper;
class Resolver;
class TlsContext;

struct Url {
  bool tls = false;
  std::string host;  // "api.openai.com", "::1" (no brackets)
  unsigned short port = 80;
  std::string path;               // "/v1", "" for none; no trailing slash
  std::string authority() const;  // for the Host header: port left out when it is the scheme's own
};
// http:// and https:// only; userinfo, fragments and control characters are refused.
Result<Url> parse_url(std::string_view text);

// Where a group of connections goes and how. Made once per provider with make_origin(); connections are shared by
// origins with equal keys.
struct Origin {
  std::string key;
  Url url;
  bool tls_verify = true;
  std::string ca_file;
  int connections_max = limits::kUpstreamConnectionsPerHostMax;
  int connect_timeout_ms = limits::kConnectTimeoutMs;
};

Origin make_origin(Url url, bool tls_verify, std::string ca_file, int connections_max,
                   int connect_timeout_ms);

struct CallTimeouts {
  int first_byte_ms = limits::kFirstByteTimeoutMs;
  int idle_ms = limits::kStreamIdleTimeoutMs;
  int total_ms = limits::kTotalTimeoutMs;
};

struct CallRequest {
  std::string_view method = "POST";
  std::string_view target;  // path and query
  const Headers* headers =
      nullptr;              // end-to-end ones; Host, Content-Length and Connection are put by the client
  std::string_view body;    // must live until open() returns
  bool idempotent = false;  // may be sent again after a connection broke with nothing received
};

// One request under way. Dropping it before the body's end closes the connection (and so cancels the call).
class Call {
 public:
  virtual ~Call() = default;
  int status = 0;
  Headers headers;
  // More of the body (de-chunked, not decompressed); an empty view is the end. Valid until the next read().
  virtual Task<Result<std::string_view>> read() = 0;
  // The rest of the body, at most `bytes_max`.
  virtual Task<Result<void>> read_all(std::string& body, std::size_t bytes_max) = 0;
  // read() would not have to wait.
  virtual bool buffered() const = 0;
  // From now on the body's next piece may take this long.
  virtual void wait_at_most(int idle_ms) = 0;
  bool reused = false;  // the connection had served before
};

class Client {
 public:
  virtual ~Client() = default;
  // Connects or takes a pooled connection, sends, and reads the head. `origin` must outlive the call.
  // Errors: timeout (connect, first byte), bad_upstream (refused, DNS, TLS, malformed answer), overloaded (no place in the pool).
  virtual Task<Result<std::unique_ptr<Call>>> open(const Origin& origin, const CallRequest& request,
                                                   const CallTimeouts& timeouts) = 0;
  virtual std::size_t idle_connections() const = 0;
  virtual std::size_t open_connections() const = 0;
};

struct ProxySettings {  // from HTTPS_PROXY, HTTP_PROXY, NO_PROXY (either case)
  std::string https_proxy, http_proxy, no_proxy;
  static ProxySettings from_environment();
  // The proxy for a URL, or "" for none. NO_PROXY: comma-separated hosts, ".suffix", "*", host:port.
  std::string proxy_for(const Url& url) const;
};

// `tls`: what origins that verify against the system's certificates use; null: each makes its own.
std::unique_ptr<Client> create_client(boost::asio::io_context& io, Sweeper& sweeper, Resolver& resolver,
                                      ProxySettings proxies, std::shared_ptr<TlsContext> tls = nullptr);

}  // namespace pb::net
