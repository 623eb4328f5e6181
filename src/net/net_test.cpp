// The server and the client pool against each other and against raw sockets, on one io_context.
#include <doctest/doctest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/client.h"
#include "net/resolver.h"
#include "net/server.h"
#include "net/sweeper.h"

using namespace pb;
using namespace pb::net;
namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

namespace {

struct World {
  std::unique_ptr<Resolver> resolver = create_resolver();
  asio::io_context io{1};
  Sweeper sweeper{io};
  std::unique_ptr<Client> client = create_client(io, sweeper, *resolver, {});
  std::unique_ptr<Server> server;
  unsigned short port = 0;
  int gone = 0;

  void serve(Handler handler, ServerOptions options = {}) {
    auto listeners = listen_on("127.0.0.1:0", 1);
    REQUIRE(listeners.has_value());
    port = (*listeners)[0].port;
    server =
        create_server(io, sweeper, (*listeners)[0], options, std::move(handler),
                      [](const Error& e, std::string_view) { return "{\"error\":\"" + e.message + "\"}"; });
  }
  ~World() {
    if (!server) return;
    server->close_all();
    io.restart();
    while (server->open_connections() != 0 && io.run_one() != 0) {
    }
  }
  Origin origin() const {
    return make_origin(*parse_url("http://127.0.0.1:" + std::to_string(port)), true, "", 8, 1000);
  }

  void run(std::function<Task<void>()> test) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(io, test(), [&](std::exception_ptr e) {
      failure = e;
      done = true;
      io.stop();
    });
    asio::steady_timer limit(io, std::chrono::seconds(20));
    limit.async_wait([&](auto ec) {
      if (!ec) io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    CHECK(done);
  }

  // Sends text, returns everything until the server closes.
  Task<std::string> raw(std::string text) {
    asio::ip::tcp::socket s(io);
    co_await s.async_connect({asio::ip::make_address("127.0.0.1"), port}, asio::use_awaitable);
    co_await asio::async_write(s, asio::buffer(text), kTuple);
    std::string all;
    char piece[4096];
    for (;;) {
      auto [ec, n] = co_await s.async_read_some(asio::buffer(piece), kTuple);
      if (ec) break;
      all.append(piece, n);
    }
    co_return all;
  }
};

Task<void> echo(Request& q, Responder& r) {
  Headers h;
  h.add("Content-Type", "text/plain");
  co_await r.send(200, h, q.method + " " + q.target + " " + q.body);
}

Task<void> stream_three(Request&, Responder& r) {
  Headers h;
  co_await r.start(200, h);
  co_await r.write("one ");
  co_await r.write("two ");
  co_await r.finish("three");
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

Task<void> call_and_check(World& w, std::string body, std::string expected, bool reused) {
  Origin origin = w.origin();
  CallRequest q;
  q.target = "/x?y=1";
  q.body = body;
  auto call = co_await w.client->open(origin, q, {});
  REQUIRE(call.has_value());
  CHECK((*call)->status == 200);
  CHECK((*call)->reused == reused);
  std::string got;
  auto all = co_await (*call)->read_all(got, 100u << 20);
  REQUIRE(all.has_value());
  CHECK(got == expected);
}

}  // namespace

TEST_CASE("net: request and answer, kept alive, small and large") {
  World w;
  w.serve(echo);
  w.run([&]() -> Task<void> {
    co_await call_and_check(w, "abc", "POST /x?y=1 abc", false);
    co_await call_and_check(w, "", "POST /x?y=1 ", true);
    std::string big(20u << 20, 'x');
    co_await call_and_check(w, big, "POST /x?y=1 " + big, true);
    CHECK(w.client->idle_connections() == 1);
  });
}

TEST_CASE("net: a chunked answer") {
  World w;
  w.serve(stream_three);
  w.run([&]() -> Task<void> {
    co_await call_and_check(w, "", "one two three", false);
    co_await call_and_check(w, "", "one two three", true);
  });
}

TEST_CASE("net: bad requests get an answer and the connection closes") {
  World w;
  ServerOptions options;
  options.body_bytes_max = 1000;
  options.header_bytes_max = 2000;
  w.serve(echo, options);
  w.run([&]() -> Task<void> {
    struct Row {
      std::string text, status;
    };
    const std::vector<Row> rows = {
        {"GARBAGE\r\n\r\n", "400"},
        {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
        {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
        {"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') +
             "\r\n0\r\n\r\n",
         "413"},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x') + "\r\n\r\n", "431"},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "417"},
    };
    for (const Row& row : rows) {
      std::string got = co_await w.raw(row.text);
      CAPTURE(row.text);
      CAPTURE(got);
      CHECK(got.starts_with("HTTP/1.1 " + row.status));
      CHECK(got.contains("Connection: close"));
    }
  });
}

TEST_CASE("net: framings a server must take") {
  World w;
  w.serve(echo);
  w.run([&]() -> Task<void> {
    std::string got = co_await w.raw(
        "\r\nPOST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHost: evil\r\n\r\n"
        "GET /b HTTP/1.1\r\nHost: h\r\n\r\nGET http://h/c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(count(got, "HTTP/1.1 200 OK") == 3);
    CHECK(got.contains("POST /a abcde"));
    CHECK(got.contains("GET /b "));
    CHECK(got.contains("GET /c "));
    got = co_await w.raw("GET / HTTP/1.0\r\n\r\n");
    CHECK(got.ends_with("GET / "));
    asio::ip::tcp::socket s(w.io);
    co_await s.async_connect({asio::ip::make_address("127.0.0.1"), w.port}, asio::use_awaitable);
    std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: "
        "close\r\n\r\n";
    co_await asio::async_write(s, asio::buffer(head), asio::use_awaitable);
    std::string interim(25, '\0');
    co_await asio::async_read(s, asio::buffer(interim), asio::use_awaitable);
    CHECK(interim == "HTTP/1.1 100 Continue\r\n\r\n");
    std::string body = "hi";
    co_await asio::async_write(s, asio::buffer(body), asio::use_awaitable);
    char answer[500];
    auto [ec, n] = co_await asio::async_read(s, asio::buffer(answer), kTuple);
    CHECK(std::string_view(answer, n).ends_with("POST / hi"));
    got = co_await w.raw("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(got.ends_with("\r\n\r\n"));
    CHECK(got.contains("Content-Length: 7"));
  });
}

TEST_CASE("net: a client that goes away cancels the handler") {
  World w;
  bool cancelled = false;
  asio::steady_timer ended(w.io, std::chrono::seconds(10));
  auto slow = [&](Request&, Responder&) -> Task<void> {
    asio::steady_timer t(w.io, std::chrono::seconds(30));
    try {
      co_await t.async_wait(asio::use_awaitable);
    } catch (const std::exception&) {
      cancelled = true;
      ended.cancel();
      throw;
    }
  };
  w.serve(slow);
  w.run([&]() -> Task<void> {
    {
      asio::ip::tcp::socket s(w.io);
      co_await s.async_connect({asio::ip::make_address("127.0.0.1"), w.port}, asio::use_awaitable);
      std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      co_await asio::async_write(s, asio::buffer(text), asio::use_awaitable);
      asio::steady_timer t(w.io, std::chrono::milliseconds(60));  // let the handler start and the watch begin
      co_await t.async_wait(asio::use_awaitable);
    }
    auto start = Clock::now();
    co_await ended.async_wait(kTuple);
    CHECK(cancelled);
    CHECK(Clock::now() - start < std::chrono::milliseconds(100));
    CHECK(w.server->open_requests() == 0);
  });
}

TEST_CASE("net: time-outs towards a provider that hangs, is cut or is not there") {
  World w;
  auto handler = [&](Request& q, Responder& r) -> Task<void> {
    if (q.path() == "/hang") {
      asio::steady_timer t(w.io, std::chrono::seconds(30));
      co_await t.async_wait(asio::use_awaitable);
    }
    Headers h;
    co_await r.start(200, h);
    co_await r.write("part");
    r.abort();
  };
  w.serve(handler);
  w.run([&]() -> Task<void> {
    Origin origin = w.origin();
    CallRequest q;
    q.target = "/hang";
    CallTimeouts t;
    t.first_byte_ms = 50;
    auto hung = co_await w.client->open(origin, q, t);
    REQUIRE_FALSE(hung.has_value());
    CHECK(hung.error().code == Code::timeout);
    q.target = "/cut";
    auto cut = co_await w.client->open(origin, q, {});
    REQUIRE(cut.has_value());
    std::string body;
    auto all = co_await (*cut)->read_all(body, 1000);
    REQUIRE_FALSE(all.has_value());
    CHECK(all.error().code == Code::bad_upstream);
    CHECK(body == "part");
    Origin nobody = make_origin(*parse_url("http://127.0.0.1:1"), true, "", 8, 1000);
    auto refused = co_await w.client->open(nobody, q, {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.contains("cannot connect to 127.0.0.1:1: Connection refused"));
    Origin unknown = make_origin(*parse_url("http://no-such-host.invalid"), true, "", 8, 1000);
    auto unresolved = co_await w.client->open(unknown, q, {});
    REQUIRE_FALSE(unresolved.has_value());
    CHECK(unresolved.error().message.contains("cannot resolve no-such-host.invalid"));
  });
}

TEST_CASE("net: more calls than connections wait for a place") {
  World w;
  w.serve(echo);
  w.run([&]() -> Task<void> {
    Origin origin = make_origin(w.origin().url, true, "", 2, 1000);
    int answered = 0;
    for (int i = 0; i < 10; ++i) {
      auto one = [&]() -> Task<void> {
        CallRequest q;
        q.target = "/";
        auto call = co_await w.client->open(origin, q, {});
        std::string body;
        if (call && (co_await (*call)->read_all(body, 1000)).has_value()) ++answered;
      };
      asio::co_spawn(w.io, one, [](std::exception_ptr) {});
    }
    asio::steady_timer t(w.io);
    while (answered < 10) {
      t.expires_after(std::chrono::milliseconds(1));
      co_await t.async_wait(asio::use_awaitable);
    }
    CHECK(w.client->open_connections() <= 2);
  });
}

TEST_CASE("net: URLs") {
  CHECK(parse_url("https://api.example.com/v1/")->path == "/v1");
  CHECK(parse_url("https://api.example.com")->port == 443);
  CHECK(parse_url("http://[::1]:8080/x")->host == "::1");
  CHECK(parse_url("http://[::1]:8080/x")->authority() == "[::1]:8080");
  CHECK(parse_url("http://h:80")->authority() == "h");
  for (const char* bad :
       {"", "ftp://x", "http://", "http://u:p@h", "http://h:0", "http://h:99999", "http://h:x",
        "http://h/a b", "http://h/#f", "http://h?x=1", "http://[::1", "http://h\r\nX: y"})
    CHECK_FALSE(parse_url(bad).has_value());
}

TEST_CASE("net: which proxy for which host") {
  ProxySettings p;
  p.https_proxy = "http://proxy:3128";
  p.no_proxy = "example.com, .internal,10.0.0.1:8443";
  auto of = [&](const char* url) { return p.proxy_for(*parse_url(url)); };
  CHECK(of("https://api.openai.com") == "http://proxy:3128");
  CHECK(of("http://api.openai.com").empty());
  CHECK(of("https://example.com").empty());
  CHECK(of("https://a.example.com").empty());
  CHECK(of("https://notexample.com") == "http://proxy:3128");
  CHECK(of("https://x.internal").empty());
  CHECK(of("https://10.0.0.1:8443").empty());
  CHECK(of("https://10.0.0.1") == "http://proxy:3128");
  CHECK(of("https://localhost").empty());
  p.no_proxy = "*";
  CHECK(of("https://api.openai.com").empty());
}
