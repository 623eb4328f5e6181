#include "store/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>

#include "base/ids.h"

namespace pb::store {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kLineBytesMax = 64 * 1024;  // a row has seven texts of kLedgerTextBytesMax
constexpr auto kLockWait = std::chrono::milliseconds(500);

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);  // gives the lock back too
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Another process holds the lock for the length of one append or rename; one that was stopped in it must not stop us.
bool lock(int fd) {
  const auto deadline = std::chrono::steady_clock::now() + kLockWait;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// The file at `path`, locked; again when it was renamed between opening and locking.
File open_locked(const std::string& path, int flags) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    File file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file || !lock(file.get())) return File(-1);
    struct stat mine{}, there{};
    if (::fstat(file.get(), &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
        mine.st_dev == there.st_dev && S_ISREG(mine.st_mode))
      return file;
  }
  return File(-1);
}

bool write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

bool append_journal(const std::string& path, std::span<const NumberedRow> rows, std::size_t bytes_max) {
  const File file = open_locked(path, O_RDWR | O_CREAT | O_APPEND);
  struct stat info{};
  if (!file || ::fstat(file.get(), &info) != 0) return false;
  std::string text;
  char last = '\n';
  if (info.st_size > 0 && ::pread(file.get(), &last, 1, info.st_size - 1) != 1) return false;
  if (last != '\n') text += '\n';  // a process died while writing; its half line must not spoil ours
  for (const NumberedRow& row : rows) append_line(text, row);
  if (static_cast<std::size_t>(info.st_size) + text.size() > bytes_max) return false;
  if (write_all(file.get(), text) && ::fdatasync(file.get()) == 0) return true;
  // All or nothing: what got in would be harmless, but half a line would be counted as damage.
  if (::ftruncate(file.get(), info.st_size) != 0) return false;
  return false;
}

std::vector<std::string> claim_journal(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  const fs::path journal(path);
  const std::string prefix = journal.filename().string() + ".";
  std::error_code ignored;
  const fs::path folder = journal.has_parent_path() ? journal.parent_path() : fs::path(".");
  for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".replay")) files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  if (!files.empty()) return files;

  const File file = open_locked(path, O_RDWR);
  struct stat info{};
  if (!file || ::fstat(file.get(), &info) != 0 || info.st_size == 0) return files;
  std::string claimed = ids::make(path + ".") + ".replay";
  if (::rename(path.c_str(), claimed.c_str()) == 0) files.push_back(std::move(claimed));
  return files;
}

JournalReader::JournalReader(const std::string& file)
    : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}

JournalReader::~JournalReader() {
  if (fd_ >= 0) ::close(fd_);
}

bool JournalReader::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t old = buffer_.size();
  buffer_.resize(old + kReadBytes);
  ssize_t n = 0;
  do n = ::read(fd_, buffer_.data() + old, kReadBytes);
  while (n < 0 && errno == EINTR);
  buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0) failed_ = true;
  if (n <= 0) end_ = true;
  return n > 0;
}

// A last line without '\n' is returned too: it may be whole. Lines over the limit are cut, thus damaged.
bool JournalReader::next_line(std::string& line) {
  line.clear();
  for (;;) {
    const std::size_t found = buffer_.find('\n', at_);
    const std::size_t end = found == std::string::npos ? buffer_.size() : found;
    line.append(buffer_, at_, std::min(end - at_, kLineBytesMax - std::min(line.size(), kLineBytesMax)));
    at_ = end;
    if (found != std::string::npos) {
      ++at_;
      return true;
    }
    if (end_ || !fill()) return !line.empty();
  }
}

std::vector<NumberedRow> JournalReader::next(std::size_t rows_max) {
  std::vector<NumberedRow> rows;
  std::string line;
  while (rows.size() < rows_max && next_line(line)) {
    if (line.empty()) continue;
    NumberedRow row;
    if (parse_line(line, row))
      rows.push_back(std::move(row));
    else
      ++damaged_;
  }
  return rows;
}

}  // namespace pb::store
