#include "store/ledger.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "store/db_worker.h"
#include "store/journal.h"
#include "store/queue.h"
#include "store/row.h"

namespace pb::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDatabaseWait{2000};  // then a batch goes to the journal
constexpr milliseconds kDatabaseWaitCrowded{250};
constexpr std::size_t kBatchRows = 5000;  // a transaction; more would make the write-ahead log large

// add() -> queue -> this class's thread -> database worker, or else the journal.
class SqliteLedger final : public Ledger {
 public:
  explicit SqliteLedger(LedgerOptions options)
      : options_(std::move(options)),
        run_(new_run()),
        worker_(options_.path, options_.journal_path),
        thread_([this] { run(); }) {}

  ~SqliteLedger() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void add(UsageRow row) override {
    const std::size_t waiting = waiting_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (waiting > 2 * options_.queue_max) {
      waiting_.fetch_sub(1, std::memory_order_relaxed);
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    for (std::string* text : {&row.request_id, &row.client_format, &row.provider, &row.model,
                              &row.asked_model, &row.key, &row.error, &row.team, &row.route})
      if (text->size() > limits::kLedgerTextBytesMax) *text = text->substr(0, limits::kLedgerTextBytesMax);
    queue_.push(std::move(row));
    if (waiting == options_.queue_max) wake_.notify_one();  // missing it costs flush_ms
  }

  void flush() override {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = ++flush_wanted_;
    wake_.notify_one();
    flushed_.wait(lock, [&] { return flush_done_ >= wanted; });
  }

  LedgerStats stats() const override {
    return {.written = worker_.written(),
            .journalled = journalled_.load(std::memory_order_relaxed),
            .dropped = dropped_.load(std::memory_order_relaxed),
            .waiting = waiting_.load(std::memory_order_relaxed),
            .database_ok = worker_.ok(),
            .caught_up = worker_.caught_up()};
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (bool last = false; !last;) {
      wake_.wait_for(lock, milliseconds(options_.flush_ms),
                     [&] { return stop_ || flush_wanted_ > flush_done_ || crowded(); });
      last = stop_;
      const std::uint64_t flushing = flush_wanted_;
      lock.unlock();
      collect();
      write_pending();
      lock.lock();
      flush_done_ = flushing;
      flushed_.notify_all();
      // With neither place to write to and a full queue there is nothing to hurry for.
      if (!last && !pending_.empty() && crowded())
        wake_.wait_for(lock, milliseconds(options_.flush_ms), [&] { return stop_; });
    }
    lock.unlock();
    if (!pending_.empty())
      log::error(log::Module::store,
                 "usage rows are lost: neither the database nor the journal could be written",
                 {{"rows", static_cast<unsigned long>(pending_.size())}});
  }

  static std::int64_t new_run() {
    return run_at(
        duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(),
        ids::random64());
  }

  bool crowded() const { return waiting_.load(std::memory_order_relaxed) >= options_.queue_max; }

  void collect() {
    for (UsageRow& row : queue_.take()) {
      tidy(row);
      if (last_seq_ == kSeqMax) {
        run_ = std::max(new_run(), run_ + 1);
        last_seq_ = 0;
      }
      pending_.push_back({row_id(run_, ++last_seq_), std::move(row)});
    }
  }

  // Leaves in pending_ what neither place took.
  void write_pending() {
    std::vector<NumberedRow> left;
    for (std::size_t at = 0; at < pending_.size(); at += kBatchRows) {
      const std::size_t end = std::min(at + kBatchRows, pending_.size());
      auto batch = std::make_shared<std::vector<NumberedRow>>(
          std::make_move_iterator(pending_.begin() + static_cast<std::ptrdiff_t>(at)),
          std::make_move_iterator(pending_.begin() + static_cast<std::ptrdiff_t>(end)));
      if (!write(batch)) left.insert(left.end(), batch->begin(), batch->end());
    }
    pending_ = std::move(left);
  }

  bool write(const DbWorker::Batch& batch) {
    // A full queue shortens the wait.
    const auto begin = std::chrono::steady_clock::now();
    const auto give_up = [&] {
      return crowded() && std::chrono::steady_clock::now() - begin > kDatabaseWaitCrowded;
    };
    if (worker_.write(batch, kDatabaseWait, give_up)) {
      journal_failed_ = false;
    } else if (append_journal(options_.journal_path, *batch)) {
      journal_failed_ = false;
      journalled_.fetch_add(batch->size(), std::memory_order_relaxed);
      worker_.journal_grew();
    } else {
      if (!std::exchange(journal_failed_, true))
        log::error(log::Module::store, "the usage journal cannot be written; rows wait in memory",
                   {{"journal", options_.journal_path}});
      return false;
    }
    waiting_.fetch_sub(batch->size(), std::memory_order_relaxed);
    return true;
  }

  const LedgerOptions options_;
  std::int64_t run_;
  RowQueue queue_;
  std::atomic<std::size_t> waiting_{0};  // in the queue or in pending_
  std::atomic<std::uint64_t> journalled_{0}, dropped_{0};
  mutable std::mutex mutex_;  // guards the next four
  std::condition_variable wake_, flushed_;
  bool stop_ = false;
  std::uint64_t flush_wanted_ = 0, flush_done_ = 0;

  DbWorker worker_;
  std::vector<NumberedRow> pending_;  // this and the rest: the thread's own
  std::int64_t last_seq_ = 0;
  bool journal_failed_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Ledger> create_ledger(LedgerOptions options) {
  if (options.journal_path.empty()) options.journal_path = options.path + ".journal";
  return std::make_unique<SqliteLedger>(std::move(options));
}

}  // namespace pb::store
