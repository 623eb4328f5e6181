// The journal: every usage row is written here, as memory, before the last byte of its answer leaves, and stays until the
// database has it. It is the queue before the database, the place where rows wait while that does not work, and what a
// killed process leaves behind.
//
// A folder of files. <owner>.open holds the requests under way (open_rows.h) and is locked while its process lives;
// <owner>-<number>.rows are its segments (segment.h). The owner is a random number of 17 bits that no other file of the folder
// has: it goes into the ids of the rows, so that no two processes ever give the same one. Files of owners that have died are
// read by whoever comes next (leftovers.h).
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/open_rows.h"
#include "store/row.h"
#include "store/segment.h"

namespace pb::store {

struct JournalOptions {
  std::string folder;  // made when it is missing
  std::size_t segment_bytes = limits::kLedgerSegmentBytes;
  std::size_t bytes_max = limits::kLedgerJournalBytesMax;
};

class Journal {
 public:
  // Never fails: while the folder cannot be written, nothing is taken, and it is tried again every second. `hurry` is called,
  // on any thread, when there is work for the reader at once; it must not call back.
  Journal(JournalOptions options, std::function<void()> hurry);
  ~Journal();  // deletes what the database has; the rest stays for the next process
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Any thread.
  std::int64_t next_id();
  bool append(std::int64_t id, const UsageRow& row);  // false: no room
  OpenRows* open_rows() {
    return open_.load(std::memory_order_acquire);
  }  // null: the folder cannot be written
  bool ok() const { return ok_.load(std::memory_order_relaxed); }  // takes rows
  std::uint64_t waiting() const {
    return appended_.load(std::memory_order_relaxed) - settled_.load(std::memory_order_relaxed);
  }

  // One thread: reads rows that the database does not have, oldest first, then says that it has them now.
  // False when there are none.
  bool read(std::vector<NumberedRow>& rows, std::size_t rows_max);
  void settled();
  void prepare();  // makes the next segment before it is needed, and the first one when that failed before
  void sync();     // onto the disk, for when rows will be here for long

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    std::shared_ptr<Segment> segment;  // shared with the reader while it reads
    std::size_t settled = kHeadBytes;
  };
  bool claim();
  bool full() const;
  Result<std::shared_ptr<Segment>> make_segment();
  bool start_segment();
  void note(const Result<void>& done);

  const JournalOptions options_;
  const std::function<void()> hurry_;
  const std::uint32_t salt_;
  std::atomic<std::int64_t> last_id_{0};
  std::atomic<std::uint64_t> appended_{0}, settled_{0};
  std::atomic<bool> ok_{true};
  std::atomic<OpenRows*> open_{nullptr};

  std::mutex mutex_;  // guards what follows, up to the blank line
  std::unique_ptr<OpenRows> open_rows_;
  std::uint32_t owner_ = 0;
  std::deque<Piece> pieces_;  // oldest first; the last one is being written
  std::shared_ptr<Segment> spare_;
  std::uint32_t segments_made_ = 0;
  bool told_ = false;  // that it cannot be written
  Clock::time_point next_try_{};

  // The reader's own: what it has read but not settled.
  std::shared_ptr<Segment> reading_;
  std::size_t read_to_ = 0;
  std::uint64_t rows_read_ = 0;
};

// The files' names.
std::string open_file(const std::string& folder, std::uint32_t owner);
std::string segment_file(const std::string& folder, std::uint32_t owner, std::uint32_t number);

}  // namespace pb::store
