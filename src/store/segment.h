// A segment of the journal: a file of records, written as memory from its beginning to its end. A record is there once its
// length is, which is written last: a process that is killed in the middle of one leaves none.
//
// head (64 bytes), then records at multiples of 8: length (4 bytes), checksum of the rest (4), the record's bytes, zeros.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/mapped_file.h"

namespace pb::store {

inline constexpr std::size_t kRecordBytesMax = 4096;

class Segment {
 public:
  static Result<std::shared_ptr<Segment>> create(const std::string& path, std::size_t bytes,
                                                 std::uint32_t salt);
  Segment(MappedFile file, std::uint32_t salt);

  bool append(std::string_view record,
              std::uint32_t sum);  // one caller at a time; false when there is no room
  std::uint32_t sum_of(std::string_view record) const { return checksum(salt_, record); }
  std::size_t end() const { return end_.load(std::memory_order_acquire); }  // any thread
  std::string_view contents() const { return {file_.data(), end()}; }
  std::size_t bytes() const { return file_.bytes(); }
  std::uint32_t salt() const { return salt_; }
  MappedFile& file() { return file_; }

 private:
  MappedFile file_;
  const std::uint32_t salt_;
  std::atomic<std::size_t> end_{kHeadBytes};
};

// Reads records, the live ones of a segment or a whole file's. What is damaged is skipped and counted, and good records after it
// are found.
class RecordReader {
 public:
  RecordReader(std::string_view contents, std::uint32_t salt, std::size_t at = kHeadBytes)
      : contents_(contents), salt_(salt), at_(at) {}
  bool next(std::string_view& record);  // false at the end
  std::size_t at() const { return at_; }
  std::uint64_t damaged() const { return damaged_; }

 private:
  bool read(std::size_t at, std::string_view& record) const;
  bool search(std::string_view& record);
  std::string_view contents_;
  std::uint32_t salt_;
  std::size_t at_;
  std::uint64_t damaged_ = 0;
};

}  // namespace pb::store
