#include "store/open_rows.h"

#include <algorithm>
#include <cstring>

namespace pb::store {
namespace {

constexpr std::size_t kPlaceBytes = 1024, kPlaceHead = 24;
constexpr std::size_t kRowRoom = kPlaceBytes - kPlaceHead;
constexpr std::size_t kShortText = 72;  // of rows that need more room; names are shorter
constexpr int kPlacesStep = 1024;       // a megabyte
constexpr int kPlacesMax = 64 * kPlacesStep;

constexpr std::size_t bytes_of(int places) {
  return kHeadBytes + static_cast<std::size_t>(places) * kPlaceBytes;
}

template <class T>
T value_at(std::string_view contents, std::size_t at) {
  T v;
  std::memcpy(&v, contents.data() + at, sizeof v);
  return v;
}

}  // namespace

Result<OpenRows> OpenRows::create(const std::string& path, std::uint32_t salt) {
  TRY_ASSIGN(MappedFile file, MappedFile::create(path, bytes_of(kPlacesStep), bytes_of(kPlacesMax)));
  if (!file.lock()) return fail(Code::invalid_request, path + " is locked");
  write_head(file.data(), FileKind::open, salt);
  return OpenRows(std::move(file), salt);
}

char* OpenRows::at(int place) const { return file_.data() + bytes_of(place); }

int OpenRows::take() {
  const std::lock_guard lock(mutex_);
  if (!free_.empty()) {
    const int place = free_.back();
    free_.pop_back();
    return place;
  }
  if (bytes_of(made_ + 1) > file_.bytes() &&
      (made_ + kPlacesStep > kPlacesMax || !file_.grow(bytes_of(made_ + kPlacesStep))))
    return -1;
  return made_++;
}

void OpenRows::write(int place, std::int64_t id, const UsageRow& row, double piece_price) {
  char bytes[kRowBytesMax];
  std::size_t n = encode(bytes, id, row);
  if (n > kRowRoom) n = encode(bytes, id, row, kShortText);
  char* to = at(place);
  const std::atomic_ref length(
      *reinterpret_cast<std::uint32_t*>(to));  // NOLINT: mapped memory, aligned to 64
  length.store(0, std::memory_order_release);
  pieces(place)->store(0, std::memory_order_relaxed);
  std::memcpy(to + 16, &piece_price, sizeof piece_price);
  std::memcpy(to + kPlaceHead, bytes, n);
  const std::uint32_t sum = checksum(salt_, {to + 16, n + 8});
  std::memcpy(to + 4, &sum, sizeof sum);
  length.store(static_cast<std::uint32_t>(n), std::memory_order_release);
}

std::atomic<std::uint64_t>* OpenRows::pieces(int place) const {
  return reinterpret_cast<std::atomic<std::uint64_t>*>(at(place) + 8);  // NOLINT: mapped memory, aligned to 8
}

void OpenRows::release(int place) {
  std::atomic_ref(*reinterpret_cast<std::uint32_t*>(at(place)))  // NOLINT
      .store(0, std::memory_order_release);
  const std::lock_guard lock(mutex_);
  free_.push_back(place);
}

bool OpenRows::empty() {
  const std::lock_guard lock(mutex_);
  return free_.size() == static_cast<std::size_t>(made_);
}

std::vector<NumberedRow> read_open_rows(std::string_view contents, std::uint32_t salt,
                                        std::uint64_t& interrupted, std::uint64_t& damaged) {
  std::vector<NumberedRow> rows;
  for (std::size_t at = kHeadBytes; at + kPlaceBytes <= contents.size(); at += kPlaceBytes) {
    const auto length = value_at<std::uint32_t>(contents, at);
    if (length == 0) continue;
    NumberedRow row;
    if (length > kRowRoom ||
        checksum(salt, contents.substr(at + 16, length + 8)) != value_at<std::uint32_t>(contents, at + 4) ||
        !decode(contents.substr(at + kPlaceHead, length), row)) {
      ++damaged;
      continue;
    }
    if (row.row.status == 0) {
      const auto pieces = static_cast<std::int64_t>(value_at<std::uint64_t>(contents, at + 8));
      row.row.status = 500;
      row.row.error = kInterrupted;
      row.row.output += pieces;
      if (row.row.cost_known)
        row.row.cost += static_cast<double>(pieces) * value_at<double>(contents, at + 16);
      row.row.usage_known = row.row.usage_estimated = true;
      ++interrupted;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace pb::store
