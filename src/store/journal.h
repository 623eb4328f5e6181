// The journal: usage rows in a file while the database cannot be written, one JSON object a line. A file is
// replayed by renaming it to <path>.<random>.replay, writing its rows into the database and deleting it; rows have
// names (store/row.h), so a replay that was cut short is simply done again. Several processes may share a journal:
// appending and renaming hold flock(2) on the file for as long as they take.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "store/row.h"

namespace pb::store {

// Appends all rows or none; false when the file cannot be written or would grow over `bytes_max`. On disk on return.
bool append_journal(const std::string& path, std::span<const NumberedRow> rows,
                    std::size_t bytes_max = limits::kLedgerJournalBytesMax);

// Files waiting to be replayed, "<path>.*.replay". When there are none, the journal itself is renamed to be one.
std::vector<std::string> claim_journal(const std::string& path);

// Reads a file of claim_journal() piece by piece.
class JournalReader {
 public:
  explicit JournalReader(const std::string& file);
  ~JournalReader();
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;
  bool open() const { return fd_ >= 0; }
  // Up to `rows_max` rows; none at the end of the file. Damaged lines, such as a half-written last one, are
  // skipped and counted.
  std::vector<NumberedRow> next(std::size_t rows_max);
  bool failed() const { return failed_; }  // reading failed: the file must not be deleted
  std::uint64_t damaged() const { return damaged_; }

 private:
  bool fill();
  bool next_line(std::string& line);
  int fd_ = -1;
  std::string buffer_;
  std::size_t at_ = 0;
  bool end_ = false, failed_ = false;
  std::uint64_t damaged_ = 0;
};

}  // namespace pb::store
