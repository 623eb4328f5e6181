#include "store/settler.h"

#include <algorithm>

#include "base/log.h"

namespace pb::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBusyWait{1500};  // for other connections
constexpr milliseconds kFlushWait{2500};
constexpr milliseconds kPauseFirst{50}, kPauseMost{5000};
constexpr milliseconds kLookEvery{30'000};  // for what processes beside this one have left
constexpr milliseconds kSyncEvery{1000};
constexpr std::size_t kBatchRows = 5000;  // a transaction; more would make the write-ahead log large
constexpr std::chrono::microseconds kRest{500};
constexpr std::uint64_t kHurryRows = 8 * kBatchRows;  // so many waiting are more than bad luck

}  // namespace

Settler::Settler(Options options, Journal& journal, Overflow& overflow)
    : options_(std::move(options)),
      journal_(journal),
      overflow_(overflow),
      db_(options_.path, impatient_, [this] { rest(); }),
      leftovers_(options_.journal_folder),
      thread_([this] { run(); }) {}

Settler::~Settler() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  impatient_ = true;
  wake_.notify_one();
  thread_.join();
}

void Settler::hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurry_ = true;
  }
  wake_.notify_one();
}

void Settler::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = ++flush_wanted_;
  wake_.notify_one();
  passed_.wait_for(lock, kFlushWait, [&] { return flush_done_ >= wanted; });
}

void Settler::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    const std::uint64_t flushing = flush_wanted_;
    hurry_ = false;
    lock.unlock();
    pass();
    lock.lock();
    flush_done_ = flushing;
    passed_.notify_all();
    last = stop_;
    if (!last)
      wake_.wait_for(lock, options_.every, [&] { return stop_ || hurry_ || flush_wanted_ > flush_done_; });
  }
  lock.unlock();
  impatient_ = false;
  next_try_ = {};
  pass();
  overflow_.retry(journal_);
  if (const std::size_t lost = overflow_.size(); lost > 0)
    log::error(log::Module::store,
               "usage rows are lost: neither the database nor the journal could be written",
               {{"rows", static_cast<unsigned long>(lost)}});
  else if (const std::uint64_t left = journal_.waiting(); left > 0)
    log::warn(log::Module::store, "usage rows wait in the journal for the next start",
              {{"rows", static_cast<unsigned long>(left)}, {"folder", options_.journal_folder}});
}

void Settler::pass() {
  journal_.prepare();
  if (Clock::now() >= next_try_) {
    if (auto done = settle(); !done)
      failed(done.error());
    else
      worked();
  }
  if (ok()) return;
  overflow_.retry(journal_);
  if (Clock::now() < next_sync_) return;
  journal_.sync();
  next_sync_ = Clock::now() + kSyncEvery;
}

void Settler::failed(const Error& error) {
  pause_ = ok() ? kPauseFirst : std::min(pause_ * 2, kPauseMost);
  next_try_ = Clock::now() + pause_;
  if (ok_.exchange(false))
    log::error(log::Module::store,
               "the usage database cannot be written; rows wait in the journal until it can",
               {{"path", options_.path}, {"journal", options_.journal_folder}, {"reason", error.message}});
}

void Settler::worked() {
  if (!ok_.exchange(true))
    log::info(log::Module::store, "the usage database works again", {{"path", options_.path}});
  caught_up_.store(true, std::memory_order_release);
}

Result<void> Settler::settle() {
  TRY(db_.open(kBusyWait));
  // Nothing else would tell whether a database that did not work does again.
  if (!ok()) TRY(insert({}, false));
  TRY(settle_leftovers());
  overflow_.retry(journal_);
  TRY(settle_journal());
  return settle_overflow();
}

Result<std::int64_t> Settler::insert(std::span<const NumberedRow> rows, bool durable) {
  auto inserted = db_.insert(rows, kBusyWait, durable);
  if (inserted) written_.fetch_add(static_cast<std::uint64_t>(*inserted), std::memory_order_relaxed);
  return inserted;
}

// Between pieces of a batch. This thread may share its core with an event loop that is never idle, and the scheduler goes from one
// to the other every few milliseconds only: a batch in one go would be the latency of all requests that come meanwhile.
void Settler::rest() {
  {
    const std::lock_guard lock(mutex_);
    if (stop_ || flush_wanted_ > flush_done_) return;
  }
  if (journal_.waiting() < kHurryRows) std::this_thread::sleep_for(kRest);
}

Result<void> Settler::settle_leftovers() {
  if (Clock::now() < next_look_) return {};
  while (const auto file = leftovers_.next()) {
    std::int64_t inserted = 0;
    for (std::size_t at = 0; at < file->rows.size(); at += kBatchRows) {
      const std::size_t n = std::min(kBatchRows, file->rows.size() - at);
      TRY_ASSIGN(const std::int64_t some, insert(std::span(file->rows).subspan(at, n), true));
      inserted += some;
    }
    leftovers_.done(*file);
    const auto interrupted = std::min<std::uint64_t>(file->interrupted, static_cast<std::uint64_t>(inserted));
    interrupted_.fetch_add(interrupted, std::memory_order_relaxed);
    if (inserted > 0)
      log::warn(log::Module::store, "usage rows of a process that was killed were found in the journal",
                {{"rows", inserted}, {"interrupted", static_cast<unsigned long>(interrupted)}});
  }
  next_look_ = Clock::now() + kLookEvery;
  return {};
}

Result<void> Settler::settle_journal() {
  while (journal_.read(rows_, kBatchRows)) {
    TRY(insert(rows_, false));
    journal_.settled();
    journal_.prepare();
  }
  return {};
}

Result<void> Settler::settle_overflow() {
  for (;;) {
    const auto rows = overflow_.some(kBatchRows);
    if (rows.empty()) return {};
    TRY(insert(rows, false));
    overflow_.settled(rows.size(), journal_);
  }
}

}  // namespace pb::store
