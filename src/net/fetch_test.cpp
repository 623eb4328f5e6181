// The fetcher against a server of ours, on one io_context. Which addresses and URLs are refused is in address_test.cpp.
#include "net/fetch.h"

#include <doctest/doctest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/server.h"
#include "net/sweeper.h"

using namespace pb;
using namespace pb::net;
namespace asio = boost::asio;

namespace {

struct World {
  asio::io_context io{1};
  Sweeper sweeper{io};
  FetchShared shared;
  FetchOptions options;
  std::unique_ptr<Server> server;
  std::string port;
  std::atomic<int> lookups = 0;
  std::vector<std::string> hosts;  // of the requests that came

  World() {
    auto listeners = listen_on("127.0.0.1:0", 1);
    REQUIRE(listeners.has_value());
    port = std::to_string((*listeners)[0].port);
    server = create_server(
        io, sweeper, (*listeners)[0], {},
        [this](Request& r, Responder& out) -> Task<void> { return answer(r, out); },
        [](const Error& e, std::string_view) { return e.message; });
    // Names of the tests: the first label is the address.
    shared.look_up = [this](const std::string& host) -> Result<std::vector<asio::ip::address>> {
      ++lookups;
      if (host == "private.test")
        return std::vector{asio::ip::make_address("10.0.0.1"), asio::ip::make_address("::1")};
      if (host.ends_with(".test")) return std::vector{asio::ip::make_address("127.0.0.1")};
      return look_up(host);
    };
    options.allow.push_back(*parse_allowed_host("here.test:" + port));
  }
  ~World() {
    shared.lookups->stop();
    server->close_all();
    io.restart();
    while (server->open_connections() != 0 && io.run_one() != 0) {
    }
  }

  Task<void> answer(Request& request, Responder& out) {
    hosts.emplace_back(request.headers.get("host"));
    const std::string_view path = request.path();
    Headers h;
    h.add("Content-Type", "text/html");
    if (path == "/slow") {
      asio::steady_timer timer(io, std::chrono::seconds(30));
      co_await timer.async_wait(asio::use_awaitable);
    }
    if (path.starts_with("/to/")) h.add("Location", path.substr(4));
    if (path == "/loop") h.add("Location", "/loop");
    if (path == "/gzip") h.add("Content-Encoding", "gzip");
    const int status = path.starts_with("/to/") || path == "/loop" ? 302 : path == "/missing" ? 404 : 200;
    const std::string gzip(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00",
        25);
    std::string body = path == "/gzip" ? gzip : "body of " + std::string(request.target);
    if (path == "/large") body.assign(5000, 'x');
    co_await out.send(status, h, body);
  }

  // The body, or the error's message.
  std::string get(std::string url) {
    auto fetcher = create_fetcher(io, sweeper, shared, options);
    std::string out = "nothing";
    asio::co_spawn(
        io,
        [](Fetcher& f, std::string u) -> Task<Result<std::string>> {
          co_return co_await f.get(std::move(u));
        }(*fetcher, url),
        [&](std::exception_ptr e, Result<std::string> r) {
          out = e ? "exception" : r ? *r : r.error().message;
          if (!e && !r) CHECK(r.error().code == Code::invalid_request);
          io.stop();
        });
    io.restart();
    io.run();
    return out;
  }
  std::string here(std::string path) { return get("http://here.test:" + port + path); }
};

}  // namespace

TEST_CASE("fetch: an allowed host, by name, looked up once") {
  World w;
  CHECK(w.here("/a?b=1") == "body of /a?b=1");
  CHECK(w.lookups == 1);
  CHECK(w.hosts == std::vector{"here.test:" + w.port});
  CHECK(w.here("/gzip") == "hello");
}

TEST_CASE("fetch: what is refused is not connected to") {
  World w;
  const std::string no_address =
      "has a host without a public address, and others are refused (`media.allow_hosts` can allow a host)";
  CHECK(w.get("http://127.0.0.1:" + w.port + "/") ==
        "has port " + w.port + ", and only 80 and 443 are allowed (`media.allow_hosts` can allow a host)");
  CHECK(w.lookups == 0);
  CHECK(w.get("http://127.0.0.1/") == no_address);
  CHECK(w.get("http://[::1]/") == no_address);
  CHECK(w.get("http://[::ffff:127.0.0.1]/") == no_address);
  CHECK(w.get("http://169.254.169.254/latest/meta-data/") == no_address);
  CHECK(w.get("http://localhost/") == no_address);
  CHECK(w.get("http://private.test/") == no_address);
  CHECK(w.get("https://private.test/") == no_address);
  CHECK(w.get("ftp://here.test/") == "must start with http:// or https://");
  CHECK(w.hosts.empty());
}

TEST_CASE("fetch: redirects are followed and checked again") {
  World w;
  CHECK(w.here("/to//x?y") == "body of /x");
  CHECK(w.here("/to/http://here.test:" + w.port + "/z") == "body of /z");
  CHECK(w.lookups == 4);
  CHECK(w.here("/to/http://127.0.0.1/") ==
        "redirects to http://127.0.0.1/, which has a host without a public address, and others are refused "
        "(`media.allow_hosts` can allow a host)");
  CHECK(w.here("/to/http://127.0.0.1:" + w.port + "/x").starts_with("redirects to http://127.0.0.1:"));
  CHECK(w.here("/to/file:///etc/passwd") == "redirects to a URL that must start with http:// or https://");
  CHECK(w.here("/loop") == "redirects more than 3 times");
  CHECK(w.hosts.size() == 4 + 3 + 4);
}

TEST_CASE("fetch: answers that are no use") {
  World w;
  CHECK(w.here("/missing") == "answered with status 404");
  w.options.bytes_max = 4999;
  CHECK(w.here("/large") ==
        "cannot be fetched: here.test:" + w.port + ": the answer is larger than 4999 bytes");
  w.options.bytes_max = 5000;
  CHECK(w.here("/large").size() == 5000);
  w.options.bytes_max = 4;
  CHECK(w.here("/gzip").starts_with("cannot be fetched"));
  w.options.total_ms = 50;
  CHECK(w.here("/slow") == "was not answered within 50 ms");
}
