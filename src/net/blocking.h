// Work that would hold up an event loop (counting a long conversation, scaling a picture) runs on a few threads of its
// own, at a lower priority than the event loops. The threads start with the first job.
#pragma once
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/task.h"

namespace pb::net {

// One piece of work and its result. Shared by who waits for it and the thread that does it, because a waiter that is
// cancelled goes away first.
class BlockingJob {
 public:
  virtual ~BlockingJob() = default;
  virtual void run(std::stop_token stop) = 0;  // on a thread of the pool
};

// Owned by main, shared by all cores. Stop it after the last io_context::run() that uses it has returned and before
// those io_contexts are destroyed: jobs that wait hold coroutines of theirs.
class BlockingPool {
 public:
  virtual ~BlockingPool() = default;  // stops
  // Returns when the job has run. Error{overloaded} when too many jobs wait. A cancelled caller goes on at once, with
  // system_error(operation_aborted) as after any other wait; its job is not begun, or asked to stop.
  virtual Task<Result<void>> run(std::shared_ptr<BlockingJob> job) = 0;
  // From any thread, for work that nobody waits for. False when too many jobs wait: `work` has not been taken.
  virtual bool post(std::function<void()> work) = 0;
  // Lets running jobs end and forgets those that wait, except posted ones, which are done first. May be called twice.
  virtual void stop() = 0;
};

struct BlockingOptions {
  int threads = 0;  // 0 = as many as there are cores, at least 2 and at most 8
  std::size_t queue_max = limits::kBlockingQueueMax;
};
std::unique_ptr<BlockingPool> create_blocking_pool(BlockingOptions options = {});

// The result of `work(stop_token)`, or of `work()`, run on a thread of the pool. `work` must own what it uses: it may
// still run when the caller has been cancelled. An exception of `work` is thrown here.
template <class F>
auto blocking(BlockingPool& pool, F work) {
  constexpr bool kStoppable = std::is_invocable_v<F&, std::stop_token>;
  using T = typename std::conditional_t<kStoppable, std::invoke_result<F&, std::stop_token>,
                                        std::invoke_result<F&>>::type;
  static_assert(!std::is_void_v<T>, "return something, for example true");
  struct Job final : BlockingJob {
    explicit Job(F f) : work(std::move(f)) {}
    void run(std::stop_token stop) override {
      try {
        if constexpr (kStoppable)
          result.emplace(work(std::move(stop)));
        else
          result.emplace(work());
      } catch (...) {
        failure = std::current_exception();
      }
    }
    F work;
    std::optional<T> result;
    std::exception_ptr failure;
  };
  return [](BlockingPool& on, std::shared_ptr<Job> job) -> Task<Result<T>> {
    auto done = co_await on.run(job);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (job->failure) std::rethrow_exception(job->failure);
    co_return std::move(*job->result);
  }(pool, std::make_shared<Job>(std::move(work)));
}

}  // namespace pb::net
