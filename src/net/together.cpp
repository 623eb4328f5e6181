#include "net/together.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <memory>

namespace pb::net {
namespace asio = boost::asio;
namespace {

// Lives in the frame of who waits, which it does not leave while one runs.
class Children {
 public:
  Children(asio::any_io_executor executor, std::size_t count)
      : executor_(std::move(executor)),
        ended_(executor_),
        signals_(std::make_unique<asio::cancellation_signal[]>(count)),
        count_(count) {}

  void start(std::size_t i, Task<void> task) {
    ++running_;
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(signals_[i].slot(), [this](const std::exception_ptr& fault) {
                     if (fault && !fault_) fault_ = fault;
                     --running_;
                     ended_.cancel();
                   }));
  }

  // With throw_if_cancelled(false). False when `ms` passed first (-1 = never), and they were cancelled. Throws when the caller is cancelled.
  Task<bool> wait(int ms) {
    using Clock = asio::steady_timer::clock_type;
    const auto until = ms < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds(ms);
    bool gone = false, late = false;
    for (;;) {
      const bool left = !gone && (co_await asio::this_coro::cancellation_state).cancelled() !=
                                     asio::cancellation_type::none;
      if (left) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      const bool due = !late && running_ > 0 && Clock::now() >= until;
      gone = gone || left;
      late = late || due;
      if (left || due)
        for (std::size_t i = 0; i < count_; ++i) signals_[i].emit(asio::cancellation_type::terminal);
      if (running_ == 0) break;
      ended_.expires_at(late || gone ? Clock::time_point::max() : until);
      co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_await asio::this_coro::throw_if_cancelled(true);
    if (gone) throw boost::system::system_error(asio::error::operation_aborted);
    if (fault_ && !late) std::rethrow_exception(fault_);
    co_return !late;
  }

 private:
  asio::any_io_executor executor_;
  asio::steady_timer ended_;  // cancelled whenever one ends
  std::unique_ptr<asio::cancellation_signal[]> signals_;
  std::size_t count_, running_ = 0;
  std::exception_ptr fault_;
};

}  // namespace

Task<void> together(std::vector<Task<void>> tasks) {
  Children children(co_await asio::this_coro::executor, tasks.size());
  co_await asio::this_coro::throw_if_cancelled(false);  // from here on the children must be waited for
  for (std::size_t i = 0; i < tasks.size(); ++i) children.start(i, std::move(tasks[i]));
  co_await children.wait(-1);
}

Task<bool> within(int ms, Task<void> task) {
  Children children(co_await asio::this_coro::executor, 1);
  co_await asio::this_coro::throw_if_cancelled(false);
  children.start(0, std::move(task));
  co_return co_await children.wait(ms);
}

}  // namespace pb::net
