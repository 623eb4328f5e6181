#include "net/loop.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "net/client.h"
#include "net/resolver.h"
#include "net/server.h"
#include "net/sweeper.h"

using namespace pb;
using namespace pb::net;
namespace asio = boost::asio;

TEST_CASE("loop: a call that has no answer goes before its client does") {
  auto listeners = listen_on("127.0.0.1:0", 1);  // connects, for the system does that, and never answers
  REQUIRE(listeners.has_value());
  const Origin origin = make_origin(*parse_url("http://127.0.0.1:" + std::to_string((*listeners)[0].port)),
                                    true, "", 8, 60'000);
  const auto resolver = create_resolver();
  Loop loop{1};
  Sweeper sweeper{loop};
  const auto client = create_client(loop, sweeper, *resolver, {});
  bool answered = false;
  const auto call = [&]() -> Task<void> {
    CallRequest request;
    request.target = "/";
    const auto got = co_await client->open(origin, request, {60'000, 60'000, 60'000});
    answered = true;
  };
  asio::co_spawn(loop, call(), [](std::exception_ptr) {});
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (client->open_connections() == 0 && std::chrono::steady_clock::now() < limit)
    loop.run_one_for(std::chrono::milliseconds(100));
  CHECK(client->open_connections() == 1);
  loop.end();
  CHECK(client->open_connections() == 0);
  loop.end();
  CHECK(!answered);
  ::close((*listeners)[0].fd);
}

TEST_CASE("loop: coroutines that go may still speak to other coroutines") {
  Loop loop{1};
  asio::steady_timer timer(loop);
  struct Wakes {
    asio::steady_timer& timer;
    bool& gone;
    ~Wakes() {
      timer.cancel();
      gone = true;
    }
  };
  bool first = false, second = false;
  const auto wait = [&](bool& gone) -> Task<void> {
    const Wakes wakes{timer, gone};
    asio::steady_timer own(loop, std::chrono::hours(1));
    co_await own.async_wait(asio::use_awaitable);
  };
  asio::co_spawn(loop, wait(first), [](std::exception_ptr) {});
  asio::co_spawn(loop, wait(second), [](std::exception_ptr) {});
  timer.expires_after(std::chrono::hours(1));
  bool woken = false;
  timer.async_wait([&](const boost::system::error_code&) { woken = true; });
  loop.poll();
  loop.end();
  CHECK(first);
  CHECK(second);
  CHECK(!woken);
}
