#include "net/redis/client.h"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/resolver.h"
#include "net/sweeper.h"

using namespace pb;
using namespace pb::net::redis;
namespace asio = boost::asio;

namespace {

// A server that answers each command by a function of its words; "" = not at all, "close" ends the connection.
class Server {
 public:
  using Answer = std::function<std::string(const std::vector<std::string>&)>;
  Server(asio::io_context& io, Answer answer)
      : acceptor_(io, {asio::ip::make_address("127.0.0.1"), 0}), answer_(std::move(answer)) {
    asio::co_spawn(io, accept(), [](std::exception_ptr) {});
  }
  unsigned short port() const { return acceptor_.local_endpoint().port(); }
  int connections = 0;
  void stop() { acceptor_.close(); }

 private:
  Task<void> accept() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), [](std::exception_ptr) {});
    }
  }
  Task<void> serve(asio::ip::tcp::socket socket) {
    std::string in;
    ReplyParser parser;
    char bytes[4096];
    for (;;) {
      Reply command;
      std::size_t used = 0;
      if (parser.parse(in, command, used) != Parsed::whole) {
        in.append(bytes, co_await socket.async_read_some(asio::buffer(bytes), asio::use_awaitable));
        continue;
      }
      in.erase(0, used);
      std::vector<std::string> words;
      for (const Reply& item : command.items) words.push_back(item.text);
      const std::string out = answer_(words);
      if (out == "close") co_return;
      co_await asio::async_write(socket, asio::buffer(out), asio::use_awaitable);
    }
  }
  asio::ip::tcp::acceptor acceptor_;
  Answer answer_;
};

struct World {
  asio::io_context io{1};
  net::Sweeper sweeper{io};
  std::unique_ptr<net::Resolver> resolver = net::create_resolver();
  Server server;
  std::unique_ptr<Client> client;
  std::vector<std::string> states;

  // Replies have a time that no test misses by accident, for the server shares the client's thread.
  explicit World(Server::Answer answer, std::string login = {}, ClientOptions options = {},
                 int command_ms = 10'000)
      : server(io, std::move(answer)) {
    options.command_ms = command_ms;
    options.address = *parse_address("redis://" + login + "127.0.0.1:" + std::to_string(server.port()));
    options.wait_min_ms = 5;
    client = create_client({io, sweeper, *resolver}, std::move(options));
  }
  // Runs the test's coroutine once the client is ready for the first time, to its end.
  void run(std::function<Task<void>(World&)> test) {
    bool begun = false;
    client->start([&](bool ready, const std::string& why) {
      states.push_back(ready ? "ready" : why);
      if (!ready || begun) return;
      begun = true;
      asio::co_spawn(io, test(*this), [this](std::exception_ptr e) {
        CHECK(!e);
        client->close();
        server.stop();
      });
    });
    asio::steady_timer guard(io, std::chrono::seconds(20));
    guard.async_wait([this](auto ec) {
      if (!ec) io.stop();
    });
    while (!client->closed() && io.run_one() != 0) {
    }
    CHECK(client->closed());
  }
};

Task<void> until(World& w, std::function<bool()> done) {
  asio::steady_timer timer(w.io);
  while (!done()) {
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

}  // namespace

TEST_SUITE("redis") {
  TEST_CASE("replies come back in their order, with what nobody asked for left out") {
    int in_one = 0;
    World world([&](const std::vector<std::string>& words) -> std::string {
      if (words[0] == "HELLO") return "%1\r\n+proto\r\n:3\r\n";
      ++in_one;
      return ">1\r\n+news\r\n" + bulk(words[1]);
    });
    world.run([&](World& w) -> Task<void> {
      std::vector<std::string> got;
      for (int i = 0; i < 100; ++i) {
        const std::string text = std::to_string(i);
        const std::string_view words[] = {"ECHO", text};
        w.client->send(words, [&](Result<Reply> r) { got.push_back(r ? r->text : r.error().message); });
      }
      co_await until(w, [&] { return got.size() == 100; });
      for (int i = 0; i < 100; ++i) CHECK(got[static_cast<std::size_t>(i)] == std::to_string(i));
      const auto one = co_await w.client->call({"ECHO", "x"});
      REQUIRE(one);
      CHECK(one->text == "x");
    });
    CHECK(world.server.connections == 1);
  }

  TEST_CASE("a script that Redis does not know is sent whole") {
    static const Script script("return 1");
    CHECK(script.sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    std::vector<std::string> seen;
    World world([&](const std::vector<std::string>& words) -> std::string {
      seen.push_back(words[0]);
      if (words[0] == "EVALSHA") return "-NOSCRIPT No matching script.\r\n";
      if (words[0] == "EVAL") {
        CHECK(words == std::vector<std::string>{"EVAL", "return 1", "1", "key", "argument"});
        return ":1\r\n";
      }
      return "+OK\r\n";
    });
    world.run([&](World& w) -> Task<void> {
      bool done = false;
      const std::string keys[] = {"key"}, args[] = {"argument"};
      w.client->run(script, keys, args, [&](Result<Reply> r) {
        REQUIRE(r);
        CHECK(r->integer == 1);
        done = true;
      });
      co_await until(w, [&] { return done; });
    });
    CHECK(seen == std::vector<std::string>{"HELLO", "EVALSHA", "EVAL"});
  }

  TEST_CASE("logging in where HELLO is unknown, and what stands in the address") {
    std::vector<std::string> seen;
    ClientOptions options;
    options.name = "me";
    World world(
        [&](const std::vector<std::string>& words) -> std::string {
          std::string all;
          for (const auto& word : words) all += (all.empty() ? "" : " ") + word;
          seen.push_back(all);
          return words[0] == "HELLO" ? "-ERR unknown command 'HELLO'\r\n" : "+OK\r\n";
        },
        ":hidden@", options);
    world.run([&](World&) -> Task<void> { co_return; });
    CHECK(seen ==
          std::vector<std::string>{"HELLO 3 AUTH default hidden", "AUTH hidden", "CLIENT SETNAME me"});
  }

  TEST_CASE("a wrong password is told, without it, and tried again later") {
    int times = 0;
    World world(
        [&](const std::vector<std::string>&) -> std::string {
          return ++times < 3 ? "-WRONGPASS invalid username-password pair\r\n" : "+OK\r\n";
        },
        ":hidden@");
    world.run([&](World&) -> Task<void> { co_return; });
    REQUIRE(world.states.size() >= 3);
    CHECK(world.states[0].contains("the log-in is refused: WRONGPASS"));
    CHECK(!world.states[0].contains("hidden"));
    CHECK(world.states[2] == "ready");
  }

  TEST_CASE("a reply that does not come in time breaks the connection, and another one is made") {
    bool silent = true;
    World world(
        [&](const std::vector<std::string>& words) -> std::string {
          return words[0] == "GET" && silent ? "" : words[0] == "GET" ? bulk("v") : "+OK\r\n";
        },
        "", {}, 500);
    world.run([&](World& w) -> Task<void> {
      const auto lost = co_await w.client->call({"GET", "k"});
      REQUIRE(!lost);
      CHECK(lost.error().message == "Redis: no reply within 500 ms");
      const auto refused = co_await w.client->call({"GET", "k"});
      CHECK(!refused);
      silent = false;
      co_await until(w, [&] { return w.client->ready(); });
      const auto got = co_await w.client->call({"GET", "k"});
      REQUIRE(got);
      CHECK(got->text == "v");
    });
    CHECK(world.server.connections == 2);
    CHECK(world.states ==
          std::vector<std::string>{"ready", "no reply within 500 ms", "ready", "the connection was closed"});
  }

  TEST_CASE("a connection that ends, or brings nonsense, fails what waits for it") {
    World world([&](const std::vector<std::string>& words) -> std::string {
      return words[0] == "END" ? "close" : words[0] == "BAD" ? "?\r\n" : "+OK\r\n";
    });
    world.run([&](World& w) -> Task<void> {
      const auto ended = co_await w.client->call({"END"});
      REQUIRE(!ended);
      CHECK(ended.error().message.starts_with("Redis: the connection broke"));
      co_await until(w, [&] { return w.client->ready(); });
      const auto bad = co_await w.client->call({"BAD"});
      REQUIRE(!bad);
      CHECK(bad.error().message == "Redis: not a type of reply");
      co_await until(w, [&] { return w.client->ready(); });
    });
    CHECK(world.server.connections == 3);
  }

  TEST_CASE("no more than so many commands wait") {
    ClientOptions options;
    options.commands_max = 2;
    World world([](const std::vector<std::string>&) -> std::string { return "+OK\r\n"; }, "", options);
    world.run([&](World& w) -> Task<void> {
      std::vector<std::string> got;
      const std::string_view words[] = {"PING"};
      for (int i = 0; i < 3; ++i)
        w.client->send(words, [&](Result<Reply> r) { got.push_back(r ? r->text : r.error().message); });
      co_await until(w, [&] { return got.size() == 3; });
      CHECK(std::ranges::count(got, "OK") == 2);
      CHECK(std::ranges::count(got, "too much waits for Redis") == 1);
    });
  }
}
