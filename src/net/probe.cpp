#include "net/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

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

}  // namespace

bool accepts_connections(const std::string& host, int port, int timeout_ms) {
  const std::string ip = host == "localhost" ? "127.0.0.1" : host;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1)
    return connects(reinterpret_cast<const sockaddr*>(&v4), sizeof v4, timeout_ms);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = v4.sin_port;
  if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1)
    return connects(reinterpret_cast<const sockaddr*>(&v6), sizeof v6, timeout_ms);
  return false;
}

}  // namespace pb::net
