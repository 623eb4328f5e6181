#include "store/segment.h"

#include <algorithm>
#include <cstring>

namespace pb::store {
namespace {

constexpr std::size_t kRecordHead = 8;

constexpr std::size_t padded(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

std::uint32_t number_at(std::string_view contents, std::size_t at) {
  std::uint32_t n = 0;
  std::memcpy(&n, contents.data() + at, sizeof n);
  return n;
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::create(const std::string& path, std::size_t bytes,
                                                 std::uint32_t salt) {
  TRY_ASSIGN(MappedFile file, MappedFile::create(path, bytes, bytes));
  file.close_number();
  write_head(file.data(), FileKind::rows, salt);
  return std::make_shared<Segment>(std::move(file), salt);
}

Segment::Segment(MappedFile file, std::uint32_t salt) : file_(std::move(file)), salt_(salt) {}

bool Segment::append(std::string_view record, std::uint32_t sum) {
  const std::size_t at = end_.load(std::memory_order_relaxed);
  const std::size_t end = at + kRecordHead + padded(record.size());
  if (end > file_.bytes()) return false;
  char* to = file_.data() + at;
  std::memcpy(to + kRecordHead, record.data(), record.size());
  std::memcpy(to + 4, &sum, sizeof sum);
  auto& length = *reinterpret_cast<std::uint32_t*>(to);  // NOLINT: mapped memory, aligned to 8
  std::atomic_ref(length).store(static_cast<std::uint32_t>(record.size()), std::memory_order_release);
  end_.store(end, std::memory_order_release);
  return true;
}

bool RecordReader::read(std::size_t at, std::string_view& record) const {
  if (at + kRecordHead > contents_.size()) return false;
  const std::size_t length = number_at(contents_, at);
  if (length == 0 || length > kRecordBytesMax || length > contents_.size() - at - kRecordHead) return false;
  record = contents_.substr(at + kRecordHead, length);
  return checksum(salt_, record) == number_at(contents_, at + 4);
}

// The next good record after a place that holds none. A segment's rest is no damage: zeros, or what a process that was killed had
// written of a record before its length.
bool RecordReader::search(std::string_view& record) {
  const std::size_t from = at_;
  std::size_t last = contents_.find_last_not_of('\0');
  last = last == contents_.npos ? 0 : last;
  bool found = false;
  while (!found && (at_ += 8) <= last) found = read(at_, record);
  const bool begun = from + kRecordHead <= contents_.size() && number_at(contents_, from) == 0;
  if (last >= from && (found || !begun)) ++damaged_;
  if (!found) at_ = contents_.size();
  return found;
}

bool RecordReader::next(std::string_view& record) {
  if (at_ >= contents_.size()) return false;
  if (!read(at_, record) && !search(record)) return false;
  at_ += kRecordHead + padded(record.size());
  return true;
}

}  // namespace pb::store
