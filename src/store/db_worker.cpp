#include "store/db_worker.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"

namespace pb::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBusyWait{1500};  // for other connections; below the time the ledger waits for a batch
constexpr milliseconds kPauseFirst{50}, kPauseMost{5000};
constexpr milliseconds kAskGiveUp{20};
constexpr milliseconds kLastReplay{1500};  // at shutdown
constexpr std::size_t kReplayRows = 1000;  // a piece, between which new batches get their turn

}  // namespace

DbWorker::DbWorker(std::string path, std::string journal_path)
    : path_(std::move(path)),
      journal_path_(std::move(journal_path)),
      db_(path_, hurry_),
      thread_([this] { run(); }) {}

DbWorker::~DbWorker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  hurry_ = true;
  wake_.notify_one();
  thread_.join();
}

bool DbWorker::ok() const {
  const std::lock_guard lock(mutex_);
  return ok_;
}

void DbWorker::journal_grew() {
  const std::lock_guard lock(mutex_);
  journal_waiting_ = true;
  wake_.notify_one();
}

bool DbWorker::write(const Batch& batch, milliseconds wait, const std::function<bool()>& give_up) {
  std::unique_lock lock(mutex_);
  if (!ok_ || job_) return false;
  job_ = batch;
  job_done_ = false;
  wake_.notify_one();
  const auto deadline = Clock::now() + wait;
  while (!job_done_ && Clock::now() < deadline && !give_up()) done_.wait_for(lock, kAskGiveUp);
  if (job_done_) return job_ok_;
  set_state(false, "it does not answer in time");
  hurry_ = true;
  return false;
}

void DbWorker::set_state(bool ok, const std::string& why) {
  if (ok == ok_) return;
  ok_ = ok;
  if (ok) {
    log::info(log::Module::store, "the usage database works again", {{"path", path_}});
  } else {
    pause_ = kPauseFirst;
    next_try_ = Clock::now() + pause_;
    log::error(log::Module::store,
               "the usage database cannot be written; rows go to the journal until it can",
               {{"path", path_}, {"journal", journal_path_}, {"reason", why}});
  }
}

void DbWorker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (job_ && !job_done_) {
      do_job(lock);
    } else if (stop_) {
      break;
    } else if (journal_waiting_ && (ok_ || Clock::now() >= next_try_)) {
      try_again(lock);
    } else if (!ok_ && Clock::now() >= next_try_) {
      journal_waiting_ = true;
    } else if (ok_) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, next_try_);
    }
  }
  hurry_ = false;
  const auto deadline = Clock::now() + kLastReplay;
  while (ok_ && journal_waiting_ && Clock::now() < deadline) try_again(lock);
}

void DbWorker::do_job(std::unique_lock<std::mutex>& lock) {
  const Batch batch = job_;
  lock.unlock();
  const auto inserted = db_.insert(*batch, kBusyWait);
  if (inserted) written_.fetch_add(static_cast<std::uint64_t>(*inserted), std::memory_order_relaxed);
  lock.lock();
  job_.reset();
  job_done_ = true;
  job_ok_ = inserted.has_value();
  if (!stop_) hurry_ = false;
  set_state(job_ok_, job_ok_ ? "" : inserted.error().message);
  done_.notify_all();
}

void DbWorker::try_again(std::unique_lock<std::mutex>& lock) {
  journal_waiting_ = false;  // set again by what happens meanwhile
  lock.unlock();
  const auto done = replay_some();
  lock.lock();
  if (!done) {
    journal_waiting_ = true;
    set_state(false, done.error().message);
    pause_ = std::min(pause_ * 2, kPauseMost);
    next_try_ = Clock::now() + pause_;
    return;
  }
  set_state(true, "");
  if (replay_) journal_waiting_ = true;
  if (!journal_waiting_) caught_up_.store(true, std::memory_order_release);
}

// Writes one piece of a waiting file; `replay_` is set while there is more to do. With nothing waiting, tries an
// empty transaction, to know whether the database works.
Result<void> DbWorker::replay_some() {
  TRY(db_.open(kBusyWait));
  if (!replay_) {
    for (const std::string& file : claim_journal(journal_path_)) {
      replay_file_ = file;
      replay_ = std::make_unique<JournalReader>(file);
      if (replay_->open()) break;
      replay_.reset();
      log::error(log::Module::store, "cannot read a journal", {{"file", file}});
    }
  }
  std::vector<NumberedRow> rows;
  if (replay_) rows = replay_->next(kReplayRows);
  const auto inserted = db_.insert(rows, kBusyWait, true);
  if (!inserted) {
    replay_.reset();  // starts again from the file's beginning; rows that are there already do no harm
    return std::unexpected(inserted.error());
  }
  written_.fetch_add(static_cast<std::uint64_t>(*inserted), std::memory_order_relaxed);
  if (replay_ && rows.empty()) return end_replay(replay_file_);
  return {};
}

Result<void> DbWorker::end_replay(const std::string& file) {
  const bool failed = replay_->failed();
  if (replay_->damaged() > 0)
    log::warn(log::Module::store, "damaged lines of a journal were skipped",
              {{"file", file}, {"lines", static_cast<unsigned long>(replay_->damaged())}});
  replay_.reset();
  if (failed) {
    log::error(log::Module::store, "a journal could not be read to its end; it is kept", {{"file", file}});
    return {};
  }
  ::unlink(file.c_str());
  const std::lock_guard lock(mutex_);
  journal_waiting_ = true;  // there may be another file, or the journal itself
  return {};
}

}  // namespace pb::store
