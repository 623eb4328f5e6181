// The thread that owns the database. It may hang in a slow disk or a lock; the ledger waits for it with a limit
// and goes on without it. It also replays the journal: at start-up, and when the database works again.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/journal.h"
#include "store/usage_db.h"

namespace pb::store {

class DbWorker {
 public:
  // Two owners: the ledger may give a batch up and put it into the journal while the worker still writes it.
  using Batch = std::shared_ptr<const std::vector<NumberedRow>>;

  DbWorker(std::string path, std::string journal_path);
  ~DbWorker();  // ends the work at hand and, if the database works, tries to empty the journal
  DbWorker(const DbWorker&) = delete;
  DbWorker& operator=(const DbWorker&) = delete;

  // True once the batch is in the database. False when the database is known not to work, does not take the
  // batch within `wait`, or `give_up` (asked now and then) says so. One caller at a time.
  bool write(const Batch& batch, std::chrono::milliseconds wait, const std::function<bool()>& give_up);
  void journal_grew();
  bool ok() const;
  bool caught_up() const { return caught_up_.load(std::memory_order_acquire); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  void do_job(std::unique_lock<std::mutex>& lock);
  void try_again(std::unique_lock<std::mutex>& lock);
  void set_state(bool ok, const std::string& why);
  Result<void> replay_some();
  Result<void> end_replay(const std::string& file);

  const std::string path_, journal_path_;
  std::atomic<bool> hurry_{false};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<bool> caught_up_{false};  // the journal was empty once
  mutable std::mutex mutex_;            // guards what follows, up to the blank line
  std::condition_variable wake_, done_;
  Batch job_;
  bool job_done_ = false, job_ok_ = false, stop_ = false, ok_ = true;
  bool journal_waiting_ = true;  // perhaps: start-up looks
  Clock::time_point next_try_{};
  std::chrono::milliseconds pause_{0};  // between attempts while the database does not work

  UsageDb db_;  // the worker's own, without the mutex
  std::unique_ptr<JournalReader> replay_;
  std::string replay_file_;
  std::thread thread_;
};

}  // namespace pb::store
