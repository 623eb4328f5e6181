#include "net/probe.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace pb::net;

TEST_SUITE("net") {
  TEST_CASE("whether something can listen, and whether something does") {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(fd, 1) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    const int port = ntohs(at.sin_port);
    CHECK(accepts_connections("localhost", port, 1'000));
    CHECK_FALSE(listen_fault("127.0.0.1", port).empty());
    CHECK_FALSE(listen_fault("localhost", port).empty());
    ::close(fd);
    CHECK(listen_fault("127.0.0.1", port).empty());
    CHECK_FALSE(accepts_connections("127.0.0.1", port, 1'000));
    CHECK_FALSE(listen_fault("192.0.2.1", port).empty());  // of no network here
    CHECK(listen_fault("a.name", port).empty());
  }
}
