#include "net/wake.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <mutex>
#include <optional>

namespace pb::net {
namespace asio = boost::asio;

struct WakeState {
  explicit WakeState(asio::any_io_executor e) : executor(std::move(e)) {}
  using Waiting = std::move_only_function<void(boost::system::error_code)>;

  // Completes on the executor, so that the caller holds no lock while a coroutine runs.
  static void finish(const asio::any_io_executor& executor, Waiting waiting, boost::system::error_code ec) {
    asio::post(executor, [waiting = std::move(waiting), ec]() mutable { waiting(ec); });
  }

  asio::any_io_executor executor;
  std::mutex mutex;
  bool rung = false;
  Waiting waiting;  // null: nobody waits
};

Wake::Wake(asio::any_io_executor executor) : state_(std::make_shared<WakeState>(std::move(executor))) {}
Wake::~Wake() = default;

Wake::Bell Wake::bell() const {
  Bell bell;
  bell.state_ = state_;
  return bell;
}

void Wake::Bell::ring() const {
  if (state_ == nullptr) return;
  WakeState::Waiting waiting;
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->waiting) {
      state_->rung = true;
      return;
    }
    waiting = std::exchange(state_->waiting, nullptr);
  }
  WakeState::finish(state_->executor, std::move(waiting), {});
}

Task<void> Wake::wait() {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->rung) {
      state_->rung = false;
      co_return;
    }
  }
  auto start = [state = state_](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto complete = [h = std::move(handler), slot,
                     work = asio::make_work_guard(state->executor)](boost::system::error_code ec) mutable {
      if (slot.is_connected()) slot.clear();
      work.reset();
      auto last = std::move(h);
      std::move(last)(ec);
    };
    bool rung = false;
    {
      std::lock_guard lock(state->mutex);
      rung = std::exchange(state->rung, false);
      if (!rung) state->waiting = std::move(complete);
    }
    if (rung) return WakeState::finish(state->executor, std::move(complete), {});
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr(state)](asio::cancellation_type) {
      auto self = weak.lock();
      if (!self) return;
      WakeState::Waiting waiting;
      {
        std::lock_guard lock(self->mutex);
        waiting = std::exchange(self->waiting, nullptr);
      }
      if (waiting) WakeState::finish(self->executor, std::move(waiting), asio::error::operation_aborted);
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      start, asio::use_awaitable);
}

}  // namespace pb::net
