#include "net/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace pb::net {
namespace {

bool connects(const sockaddr* address, socklen_t size, int timeout_ms) {
  const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool ok = ::connect(fd, address, size) == 0;
  if (!ok && errno == EINPROGRESS) {
    pollfd waiting{fd, POLLOUT, 0};
    int error = 0;
    socklen_t length = sizeof error;
    ok = ::poll(&waiting, 1, timeout_ms) == 1 &&
         ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
  }
  ::close(fd);
  return ok;
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;  // 0 = the host is no IP address
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address address_of(const std::string& host, int port) {
  const std::string ip = host == "localhost" ? "127.0.0.1" : host;
  Address out;
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    out.size = sizeof v4;
  } else if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(port));
    out.size = sizeof v6;
  }
  return out;
}

}  // namespace

bool accepts_connections(const std::string& host, int port, int timeout_ms) {
  const Address to = address_of(host, port);
  return to.size != 0 && connects(to.get(), to.size, timeout_ms);
}

std::string listen_fault(const std::string& host, int port) {
  const Address at = address_of(host, port);
  if (at.size == 0) return {};
  const int fd = ::socket(at.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::strerror(errno);
  const int on = 1;  // as the server does: what the last one left in TIME_WAIT is no hindrance
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  std::string out;
  if (::bind(fd, at.get(), at.size) != 0 || ::listen(fd, 1) != 0) out = std::strerror(errno);
  ::close(fd);
  return out;
}

}  // namespace pb::net
