#include "sim/sim.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

using namespace pb;

namespace {

// A blocking connection to the simulator.
class Connection {
 public:
  explicit Connection(unsigned short port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void post(std::string_view path, std::string_view body) const {
    const std::string request = "POST " + std::string(path) +
                                " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\n\r\n" + std::string(body);
    REQUIRE(::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size()));
  }

  // Reads until `what` was seen, or to the end when it is "". False when the end (or ten seconds) came first.
  bool read_until(std::string_view what) {
    char some[4096];
    while (what.empty() || !text.contains(what)) {
      const ssize_t n = ::recv(fd_, some, sizeof some, 0);
      // A connection that was closed before its request was read is reset.
      if (n <= 0) return what.empty() && (n == 0 || errno == ECONNRESET);
      text.append(some, static_cast<std::size_t>(n));
    }
    return true;
  }

  std::string text;

 private:
  int fd_;
};

}  // namespace

TEST_SUITE_BEGIN("sim");

TEST_CASE("a simulator in this process answers, and ends with answers under way") {
  auto simulator = sim::start({.listen = "127.0.0.1:0", .threads = 2, .scenario = "", .recorded = ""});
  REQUIRE(simulator);
  CHECK((*simulator)->base_url() == "http://127.0.0.1:" + std::to_string((*simulator)->port()));
  Connection echo((*simulator)->port());
  echo.post("/v1/chat/completions", R"({"model":"echo","messages":[{"role":"user","content":"hello"}]})");
  CHECK(echo.read_until(R"("content":"hello")"));
  Connection hanging((*simulator)->port());
  hanging.post("/v1/chat/completions",
               R"({"model":"sim-hang","messages":[{"role":"user","content":"hello"}]})");
  Connection silent((*simulator)->port());
  silent.post("/v1/chat/completions",
              R"({"model":"sim-silent-1000s","stream":true,"messages":[{"role":"user","content":"hello"}]})");
  CHECK(silent.read_until("chat.completion.chunk"));
  simulator->reset();
  CHECK(silent.read_until(""));
  CHECK(hanging.read_until(""));
  CHECK(hanging.text.empty());
}

TEST_CASE("what cannot start says why") {
  const auto first = sim::start({.listen = "127.0.0.1:0", .threads = 1, .scenario = "", .recorded = ""});
  REQUIRE(first);
  const auto second = sim::start({.listen = "127.0.0.1:" + std::to_string((*first)->port()),
                                  .threads = 1,
                                  .scenario = "",
                                  .recorded = ""});
  REQUIRE_FALSE(second);
  CHECK(second.error().message.contains("in use"));
  const auto third =
      sim::start({.listen = "127.0.0.1:0", .threads = 1, .scenario = "/nonexistent/s.yaml", .recorded = ""});
  REQUIRE_FALSE(third);
  CHECK(third.error().message.contains("/nonexistent/s.yaml"));
}

TEST_SUITE_END();
