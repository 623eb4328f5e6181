#include "net/blocking.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace pb;
using namespace pb::net;
namespace asio = boost::asio;

namespace {

using Semaphore = std::counting_semaphore<16>;

void rethrow(const std::exception_ptr& e) {
  if (e) std::rethrow_exception(e);
}

Task<void> wait_for(BlockingPool& pool, Semaphore& go, std::vector<int>& order, int number) {
  auto done = co_await blocking(pool, [&go] {
    go.acquire();
    return true;
  });
  CHECK(done.has_value());
  order.push_back(number);
}

Task<void> expect_aborted(BlockingPool& pool, Semaphore& begun, Semaphore& go, bool& asked, bool& aborted) {
  try {
    (void)co_await blocking(pool, [&begun, &go, &asked](std::stop_token stop) {
      begun.release();
      go.acquire();
      asked = stop.stop_requested();
      return 1;
    });
  } catch (const boost::system::system_error& e) {
    aborted = e.code() == asio::error::operation_aborted;
  }
}

}  // namespace

TEST_SUITE_BEGIN("blocking");

TEST_CASE("the result comes back to the loop's thread, an exception too") {
  asio::io_context io{1};
  auto pool = create_blocking_pool({.threads = 1});
  std::thread::id worker;
  auto test = [](BlockingPool& p, std::thread::id& id) -> Task<void> {
    auto text = co_await blocking(p, [&id] {
      id = std::this_thread::get_id();
      return std::make_unique<std::string>("done");
    });
    CHECK(std::this_thread::get_id() != id);
    REQUIRE(text.has_value());
    CHECK(**text == "done");
    bool thrown = false;
    try {
      (void)co_await blocking(p, []() -> int { throw std::runtime_error("broken"); });
    } catch (const std::runtime_error& e) {
      thrown = std::string_view(e.what()) == "broken";
    }
    CHECK(thrown);
  };
  asio::co_spawn(io, test(*pool, worker), rethrow);
  io.run();
  CHECK(worker != std::thread::id());
}

TEST_CASE("the loop goes on while a job runs") {
  asio::io_context io{1};
  auto pool = create_blocking_pool({.threads = 1});
  Semaphore go{0};
  std::vector<int> order;
  asio::co_spawn(io, wait_for(*pool, go, order, 1), rethrow);
  auto quick = [](std::vector<int>& o, Semaphore& s) -> Task<void> {
    o.push_back(2);
    s.release();  // only now can the job end
    co_return;
  };
  asio::co_spawn(io, quick(order, go), rethrow);
  io.run();
  CHECK(order == std::vector<int>{2, 1});
}

TEST_CASE("more jobs than fit are refused") {
  asio::io_context io{1};
  auto pool = create_blocking_pool({.threads = 1, .queue_max = 1});
  Semaphore begun{0}, go{0};
  CHECK(pool->post([&] {
    begun.release();
    go.acquire();
  }));
  begun.acquire();  // the only thread is busy
  std::vector<int> order;
  asio::co_spawn(io, wait_for(*pool, go, order, 1), rethrow);
  auto refused = [](BlockingPool& p, Semaphore& s) -> Task<void> {
    auto result = co_await blocking(p, [] { return true; });
    REQUIRE(!result.has_value());
    CHECK(result.error().code == Code::overloaded);
    CHECK(!p.post([] {}));
    s.release(2);
  };
  asio::co_spawn(io, refused(*pool, go), rethrow);
  io.run();
  CHECK(order == std::vector<int>{1});
}

TEST_CASE("a cancelled caller goes on at once; its job is asked to stop") {
  asio::io_context io{1};
  auto pool = create_blocking_pool({.threads = 1});
  Semaphore begun{0}, go{0}, never{0};
  bool asked = false, aborted = false, second_aborted = false, unused = false;
  asio::cancellation_signal first, second;
  asio::co_spawn(io, expect_aborted(*pool, begun, go, asked, aborted),
                 asio::bind_cancellation_slot(first.slot(), rethrow));
  asio::co_spawn(io, expect_aborted(*pool, never, never, unused, second_aborted),  // waits behind the first
                 asio::bind_cancellation_slot(second.slot(), rethrow));
  io.poll();
  begun.acquire();
  first.emit(asio::cancellation_type::terminal);
  second.emit(asio::cancellation_type::terminal);
  io.run();  // the first job still waits for `go`
  CHECK(aborted);
  CHECK(second_aborted);
  go.release();
  pool->stop();
  CHECK(asked);
  CHECK(!never.try_acquire());  // the second was never begun
  io.restart();
  io.run();
}

TEST_CASE("stop forgets the coroutines that wait and does what was posted") {
  asio::io_context io{1};
  auto pool = create_blocking_pool({.threads = 1, .queue_max = static_cast<std::size_t>(-1)});
  Semaphore begun{0}, go{0};
  bool ran = false, posted = false;
  CHECK(pool->post([&] {
    begun.release();
    go.acquire();
  }));
  begun.acquire();
  auto waits = [](BlockingPool& p, bool& flag) -> Task<void> {
    (void)co_await blocking(p, [&flag] { return flag = true; });
  };
  asio::co_spawn(io, waits(*pool, ran), rethrow);
  io.poll();
  CHECK(pool->post([&] { posted = true; }));
  std::thread stopper([&] { pool->stop(); });
  while (pool->post([] {})) std::this_thread::yield();  // refused once stop() has begun
  go.release();
  stopper.join();
  pool->stop();
  CHECK(!ran);
  CHECK(posted);
}

TEST_SUITE_END();
