// The thread that owns the database and settles rows into it: what earlier processes have left, then the journal, then what
// the journal had no room for. It may hang in a slow disk or a lock; rows wait meanwhile, and nobody for it.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/journal.h"
#include "store/leftovers.h"
#include "store/overflow.h"
#include "store/usage_db.h"

namespace pb::store {

class Settler {
 public:
  struct Options {
    std::string path, journal_folder;
    std::chrono::milliseconds every{200};
  };
  // `journal` and `overflow` outlive it.
  Settler(Options options, Journal& journal, Overflow& overflow);
  ~Settler();  // settles what there is, if the database works
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  void hurry();  // there is much to do already; any thread
  void flush();  // see Ledger::flush
  bool ok() const { return ok_.load(std::memory_order_relaxed); }
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  std::uint64_t interrupted() const { return interrupted_.load(std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  void pass();
  Result<void> settle();
  Result<void> settle_leftovers();
  Result<void> settle_journal();
  Result<void> settle_overflow();
  Result<std::int64_t> insert(std::span<const NumberedRow> rows, bool durable);
  void rest();
  void failed(const Error& error);
  void worked();

  const Options options_;
  Journal& journal_;
  Overflow& overflow_;
  std::atomic<bool> impatient_{false};  // locks that others hold are not waited for
  std::atomic<bool> ok_{true}, caught_up_{false};
  std::atomic<std::uint64_t> written_{0}, interrupted_{0};

  std::mutex mutex_;  // guards what follows, up to the blank line
  std::condition_variable wake_, passed_;
  bool stop_ = false, hurry_ = false;
  std::uint64_t flush_wanted_ = 0, flush_done_ = 0;

  UsageDb db_;  // this and the rest: the thread's own
  Leftovers leftovers_;
  std::vector<NumberedRow> rows_;
  Clock::time_point next_look_{}, next_try_{}, next_sync_{};
  std::chrono::milliseconds pause_{0};  // between attempts while the database does not work
  std::thread thread_;
};

}  // namespace pb::store
