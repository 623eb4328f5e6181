// The requests under way, each with what is known of it, in a file of places that survives the process (mapped_file.h): what a
// killed process leaves here was being answered, and most likely costs money.
//
// head (64 bytes), then places of 1024 bytes: length (4 bytes, 0 = free), checksum (4), pieces of the answer so far (8), dollars a
// piece (8), the row's bytes.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "store/mapped_file.h"
#include "store/row.h"

namespace pb::store {

class OpenRows {
 public:
  // Error{invalid_request} when the file exists. It stays locked as long as this lives.
  static Result<OpenRows> create(const std::string& path, std::uint32_t salt);

  int take();  // a free place; -1 when there is none. Any thread
  // By who took it, one at a time.
  void write(int place, std::int64_t id, const UsageRow& row, double piece_price);
  std::atomic<std::uint64_t>* pieces(int place) const;
  void release(int place);  // any thread
  const std::string& path() const { return file_.path(); }
  bool empty();  // no place is taken

  OpenRows(OpenRows&& other) noexcept
      : file_(std::move(other.file_)), salt_(other.salt_), made_(other.made_) {}

 private:
  OpenRows(MappedFile file, std::uint32_t salt) : file_(std::move(file)), salt_(salt) {}
  char* at(int place) const;
  MappedFile file_;
  std::uint32_t salt_;
  std::mutex mutex_;       // guards the rest
  std::vector<int> free_;  // the last one used is the next: its memory is warm
  int made_ = 0;
};

// The rows of such a file's contents. Rows without a status were under way: they get 500 and the error "interrupted", the pieces
// that were counted, and what those cost. `damaged` counts places that could not be read.
std::vector<NumberedRow> read_open_rows(std::string_view contents, std::uint32_t salt,
                                        std::uint64_t& interrupted, std::uint64_t& damaged);

}  // namespace pb::store
