// HTTP/1.1 server: one per core, each with its own acceptor (SO_REUSEPORT). A connection's coroutine reads a
// request, calls the handler, and goes on with the next. When the client goes away while the handler runs,
// the handler's coroutine is cancelled: its pending co_await throws boost::system::system_error.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/task.h"
#include "net/http.h"

namespace pb::net {

class Sweeper;

// How a handler answers. Exactly one of: send(); or start(), any number of write(), finish().
// Headers Content-Length, Transfer-Encoding, Connection and Date are the responder's business.
class Responder {
 public:
  virtual ~Responder() = default;
  // A whole answer in one system call.
  virtual Task<void> send(int status, const Headers& headers, std::string_view body) = 0;
  // A streamed one (chunked; close-delimited towards HTTP/1.0). The head goes out with the first bytes written;
  // write({}) sends it alone.
  virtual Task<void> start(int status, const Headers& headers) = 0;
  // Outside of the handler's coroutine (from a deadline, while it waits): sends `bytes` at once, after starting the
  // answer if it has not been. False when that cannot be done now.
  virtual bool nudge(int status, const Headers& headers, std::string_view bytes) = 0;
  virtual Task<void> write(std::string_view bytes) = 0;
  // `last` goes out together with the end.
  virtual Task<void> finish(std::string_view last = {}) = 0;
  // After start(): end the connection without a proper end, so that the client sees the answer is cut.
  virtual void abort() = 0;
  virtual bool started() const = 0;  // the head has been sent
};

using Handler = std::function<Task<void>(Request& request, Responder& responder)>;

struct ServerOptions {
  std::size_t body_bytes_max = limits::kBodyBytesMax;
  std::size_t header_bytes_max = limits::kHeaderBytesMax;
  int header_timeout_ms = limits::kHeaderTimeoutMs;
  int body_timeout_ms = limits::kBodyTimeoutMs;
  int keep_alive_ms = limits::kKeepAliveIdleMs;
  int write_timeout_ms = limits::kWriteTimeoutMs;
  int connections_max = limits::kConnectionsMax;
};

// Turns an error of the HTTP layer itself (bad header, body too large) into a whole answer's body and content type.
using ErrorPage = std::function<std::string(const Error& error, std::string_view path)>;

class Server {
 public:
  virtual ~Server() = default;
  // Stops accepting and closes idle connections; open requests go on, with "Connection: close".
  virtual void drain() = 0;
  // Closes every connection at once. Run the io_context until open_connections() is 0 before destroying the server:
  // the connections' coroutines use it.
  virtual void close_all() = 0;
  virtual std::size_t open_connections() const = 0;
  virtual std::size_t open_requests() const = 0;
};

// "HOST:PORT" -> a listening socket per thread. Port 0 picks one; `bound` tells the address in use.
struct Listener {
  std::string host;
  unsigned short port = 0;
  int fd = -1;  // owned by the Server it is given to
};
Result<std::vector<Listener>> listen_on(const std::string& address, int count);

// `io`, `sweeper` and everything the handler uses must outlive the server. Call on the io_context's own thread
// or before it runs.
std::unique_ptr<Server> create_server(boost::asio::io_context& io, Sweeper& sweeper, Listener listener,
                                      ServerOptions options, Handler handler, ErrorPage error_page);

}  // namespace pb::net
