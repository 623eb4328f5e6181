#include "net/blocking.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace pb::net {
namespace asio = boost::asio;
namespace {

// Counting and scaling may take all of a core that is idle, but an event loop that wakes up goes first.
constexpr int kNice = 10;

// A coroutine that waits. Lives on its executor's thread but for `job` and `stop`; shared by the pool's queue, the
// cancellation slot and the posted completion.
template <class Handler, class Executor>
struct Waiter {
  Waiter(Handler h, Executor e, std::shared_ptr<BlockingJob> j)
      : handler(std::move(h)), work(std::move(e)), job(std::move(j)) {}

  void complete(boost::system::error_code ec) {
    if (!handler) return;  // cancelled before
    asio::get_associated_cancellation_slot(*handler).clear();
    Handler h = std::move(*handler);
    handler.reset();
    work.reset();
    std::move(h)(ec);
  }

  std::optional<Handler> handler;
  asio::executor_work_guard<Executor> work;  // the io_context does not run out of work meanwhile
  std::shared_ptr<BlockingJob> job;
  std::stop_source stop;
};

struct Entry {
  std::function<void()> work;
  bool waited_for;
};

class PoolImpl final : public BlockingPool {
 public:
  explicit PoolImpl(BlockingOptions options) : options_(options) {
    if (options_.threads <= 0)
      options_.threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 2, 8);
  }
  ~PoolImpl() override { stop(); }

  Task<Result<void>> run(std::shared_ptr<BlockingJob> job) override {
    auto executor = co_await asio::this_coro::executor;
    bool taken = true;
    auto start = [this, executor, job, &taken](auto handler) {
      using Waiting = Waiter<decltype(handler), decltype(executor)>;
      auto waiter = std::make_shared<Waiting>(std::move(handler), executor, job);
      taken = add(
          [waiter, executor] {
            if (!waiter->stop.stop_requested()) waiter->job->run(waiter->stop.get_token());
            asio::post(executor, [waiter] { waiter->complete({}); });
          },
          true);
      if (!taken) return asio::post(executor, [waiter] { waiter->complete({}); });
      auto slot = asio::get_associated_cancellation_slot(*waiter->handler);
      if (!slot.is_connected()) return;
      // Weak: the slot may be a part of the coroutine that the handler owns.
      slot.assign([weak = std::weak_ptr(waiter), executor](asio::cancellation_type) {
        auto self = weak.lock();
        if (!self) return;
        self->stop.request_stop();
        asio::post(executor, [self] { self->complete(asio::error::operation_aborted); });
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
        start, asio::use_awaitable);
    if (!taken) co_return fail(Code::overloaded, "too much work is waiting; try again in a moment");
    co_return Result<void>();
  }

  bool post(std::function<void()> work) override { return add(std::move(work), false); }

  void stop() override {
    std::deque<Entry> forgotten;
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      for (Entry& e : queue_)
        if (e.waited_for) forgotten.push_back(std::move(e));
      std::erase_if(queue_, [](const Entry& e) { return e.waited_for; });
    }
    ready_.notify_all();
    for (std::thread& t : threads_) t.join();
    threads_.clear();
  }

 private:
  bool add(std::function<void()> work, bool waited_for) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= options_.queue_max) return false;
      queue_.push_back({std::move(work), waited_for});
      if (idle_ < queue_.size() && threads_.size() < static_cast<std::size_t>(options_.threads))
        threads_.emplace_back([this] { loop(); });
    }
    ready_.notify_one();
    return true;
  }

  void loop() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice_);  // of this thread only, on Linux
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      --idle_;
      if (queue_.empty()) return;
      Entry entry = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      entry.work();
      entry = {};  // what it holds goes before the next wait
      lock.lock();
    }
  }

  BlockingOptions options_;
  const int nice_ = ::getpriority(PRIO_PROCESS, 0) + kNice;  // the program's own may be another than 0
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Entry> queue_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<BlockingPool> create_blocking_pool(BlockingOptions options) {
  return std::make_unique<PoolImpl>(options);
}

}  // namespace pb::net
