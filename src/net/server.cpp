#include "net/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <list>

#include "base/log.h"
#include "net/server_connection.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

class ServerImpl final : public Server {
 public:
  ServerImpl(asio::io_context& io, Sweeper& sweeper, Listener listener, ServerOptions options,
             Handler handler, ErrorPage error_page)
      : io_(io), acceptor_(io), shared_{options, std::move(handler), std::move(error_page), sweeper} {
    sockaddr_storage address{};
    socklen_t bytes = sizeof address;
    ::getsockname(listener.fd, reinterpret_cast<sockaddr*>(&address), &bytes);
    acceptor_.assign(address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), listener.fd);
    asio::co_spawn(io_, accept(), [](std::exception_ptr e) {
      if (e) log::error(log::Module::net, "the acceptor ended with an exception");
    });
  }

  ~ServerImpl() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

  void close_all() override {
    drain();
    auto open = connections_;  // emitting may end a connection and so change the list
    for (auto& c : open) {
      c->close();
      c->gone.emit(asio::cancellation_type::terminal);
    }
  }

  void drain() override {
    if (shared_.draining) return;
    shared_.draining = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (auto& c : connections_)
      if (!c->in_request && c->buffer.empty()) c->close();
  }

  std::size_t open_connections() const override { return connections_.size(); }
  std::size_t open_requests() const override { return shared_.open_requests; }

 private:
  Task<void> accept() {
    asio::steady_timer pause(io_);
    while (!shared_.draining) {
      auto [ec, socket] = co_await acceptor_.async_accept(kTuple);
      if (ec == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
      if (ec) {  // out of file descriptors, most likely: wait for some to be freed
        log::warn(log::Module::net, "cannot accept a connection", {{"what", ec.message()}});
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(kTuple);
        continue;
      }
      if (connections_.size() >= static_cast<std::size_t>(shared_.options.connections_max)) {
        socket.close(ec);
        continue;
      }
      start(std::move(socket));
    }
  }

  void start(asio::ip::tcp::socket socket) {
    boost::system::error_code ec;
    auto remote = socket.remote_endpoint(ec);
    auto c = std::make_shared<Connection>(shared_, tcp_stream(std::move(socket)));
    if (!ec) c->peer = remote.address().to_string() + ":" + std::to_string(remote.port());
    connections_.push_back(c);
    auto at = std::prev(connections_.end());
    asio::co_spawn(io_, serve(c),
                   asio::bind_cancellation_slot(c->gone.slot(), [this, at](std::exception_ptr e) {
                     if (e) log::error(log::Module::net, "a connection ended with an exception");
                     connections_.erase(at);
                   }));
  }

  asio::io_context& io_;
  asio::ip::tcp::acceptor acceptor_;
  ServerShared shared_;
  std::list<std::shared_ptr<Connection>> connections_;
};

Result<int> open_listener(const addrinfo& a, const std::string& shown) {
  int fd = ::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC, a.ai_protocol);
  if (fd < 0) return fail(Code::internal, "cannot make a socket: " + std::string(std::strerror(errno)));
  int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  if (::bind(fd, a.ai_addr, a.ai_addrlen) != 0 || ::listen(fd, 4096) != 0) {
    std::string why = std::strerror(errno);
    ::close(fd);
    return fail(Code::internal, "cannot listen on " + shown + ": " + why);
  }
  return fd;
}

// SO_REUSEPORT would let two programs of one user share the port silently: find that out first.
Result<void> check_port_free(const addrinfo& a, const std::string& shown) {
  int fd = ::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC, a.ai_protocol);
  if (fd < 0) return {};
  int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  int rc = ::bind(fd, a.ai_addr, a.ai_addrlen);
  int why = errno;
  ::close(fd);
  if (rc != 0) return fail(Code::internal, "cannot listen on " + shown + ": " + std::strerror(why));
  return {};
}

}  // namespace

Result<std::vector<Listener>> listen_on(const std::string& address, int count) {
  std::size_t colon = address.rfind(':');
  if (colon == std::string::npos)
    return fail(Code::invalid_request, "listen address `" + address + "` is not HOST:PORT");
  std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  int rc = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (rc != 0) return fail(Code::invalid_request, "listen address `" + address + "`: " + ::gai_strerror(rc));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  TRY(check_port_free(*found, address));
  std::vector<Listener> out;
  for (int i = 0; i < count; ++i) {
    Result<int> fd = open_listener(*found, address);
    if (!fd) {
      for (Listener& l : out) ::close(l.fd);
      return std::unexpected(fd.error());
    }
    sockaddr_storage bound{};
    socklen_t bytes = sizeof bound;
    ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &bytes);
    char text[INET6_ADDRSTRLEN] = {};
    unsigned short number = 0;
    if (bound.ss_family == AF_INET6) {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(bound);
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
      number = ntohs(v6.sin6_port);
      reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_port =
          v6.sin6_port;  // port 0: the rest share what the first got
    } else {
      auto& v4 = reinterpret_cast<sockaddr_in&>(bound);
      ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
      number = ntohs(v4.sin_port);
      reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_port = v4.sin_port;
    }
    out.push_back({text, number, *fd});
  }
  return out;
}

std::unique_ptr<Server> create_server(asio::io_context& io, Sweeper& sweeper, Listener listener,
                                      ServerOptions options, Handler handler, ErrorPage error_page) {
  return std::make_unique<ServerImpl>(io, sweeper, std::move(listener), options, std::move(handler),
                                      std::move(error_page));
}

}  // namespace pb::net
