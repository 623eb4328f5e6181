#include "net/together.h"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <stdexcept>
#include <string>

using namespace pb;
using namespace pb::net;
namespace asio = boost::asio;

namespace {

struct Count {
  int begun = 0, ended = 0, cancelled = 0;
};

Task<void> forever(Count& count) {
  ++count.begun;
  asio::steady_timer never(co_await asio::this_coro::executor, std::chrono::hours(1));
  try {
    co_await never.async_wait(asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    ++count.cancelled;
    throw;
  }
}

Task<void> brief(Count& count) {
  ++count.begun;
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  ++count.ended;
}

Task<void> failing() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  throw std::runtime_error("no");
}

Task<void> all(std::vector<Task<void>> tasks, Count& own) {
  co_await together(std::move(tasks));
  ++own.ended;
}

// What became of the task, which is cancelled once `when` holds; null: never.
std::string outcome(Task<void> task, const std::function<bool()>& when) {
  asio::io_context io{1};
  asio::cancellation_signal signal;
  std::string out = "ended";
  asio::co_spawn(io, std::move(task),
                 asio::bind_cancellation_slot(signal.slot(), [&out](const std::exception_ptr& e) {
                   try {
                     if (e) std::rethrow_exception(e);
                   } catch (const boost::system::system_error& x) {
                     out = x.code() == asio::error::operation_aborted ? "aborted" : "other";
                   } catch (const std::exception& x) {
                     out = x.what();
                   }
                 }));
  std::function<void()> look = [&] {
    if (when())
      signal.emit(asio::cancellation_type::terminal);
    else
      asio::post(io, look);
  };
  if (when) asio::post(io, look);
  io.run();
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("together");

TEST_CASE("it goes on when all have ended") {
  Count count, own;
  std::vector<Task<void>> tasks;
  tasks.reserve(3);
  for (int i = 0; i < 3; ++i) tasks.push_back(brief(count));
  CHECK(outcome(all(std::move(tasks), own), {}) == "ended");
  CHECK(count.ended == 3);
  CHECK(own.ended == 1);
  CHECK(outcome(all({}, own), {}) == "ended");
}

TEST_CASE("who is cancelled cancels them and waits for them") {
  Count count, own;
  std::vector<Task<void>> tasks;
  tasks.reserve(3);
  for (int i = 0; i < 3; ++i) tasks.push_back(forever(count));
  CHECK(outcome(all(std::move(tasks), own), [&] { return count.begun == 3; }) == "aborted");
  CHECK(count.cancelled == 3);
  CHECK(own.ended == 0);
}

TEST_CASE("an exception of one is thrown when the others have ended") {
  Count count, own;
  std::vector<Task<void>> tasks;
  tasks.push_back(failing());
  tasks.push_back(brief(count));
  CHECK(outcome(all(std::move(tasks), own), {}) == "no");
  CHECK(count.ended == 1);
}

TEST_CASE("what takes longer than it may is cancelled") {
  Count count;
  bool slow = true, quick = false;
  auto test = [](Count& c, bool& s, bool& q) -> Task<void> {
    s = co_await within(5, forever(c));
    q = co_await within(60'000, brief(c));
  };
  CHECK(outcome(test(count, slow, quick), {}) == "ended");
  CHECK_FALSE(slow);
  CHECK(quick);
  CHECK(count.cancelled == 1);
  CHECK(outcome([](Count& c) -> Task<void> { co_await within(60'000, forever(c)); }(count),
                [&] { return count.begun == 3; }) == "aborted");
  CHECK(count.cancelled == 2);
}

TEST_SUITE_END();
