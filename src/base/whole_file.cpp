#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

namespace pb {
namespace {

constexpr int kLockWaitMs = 5'000, kLockStepMs = 5;

std::unexpected<Error> broken(const std::string& path, const char* what) {
  return fail(Code::internal, path + ": " + what + ": " + std::strerror(errno));
}

// Closes what it holds.
struct File {
  int fd = -1;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// The change of the folder itself, so that a power cut does not bring the old file back.
void sync_folder(const std::string& path) {
  const File folder{::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd >= 0) ::fsync(folder.fd);
}

}  // namespace

FileLock::~FileLock() { ::close(fd_); }  // which ends the lock

Result<std::unique_ptr<FileLock>> lock_beside(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(folder_of(path), failed);
  if (failed) return fail(Code::internal, folder_of(path) + ": cannot be made: " + failed.message());
  const std::string name = path + ".lock";
  const int fd = ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return broken(name, "cannot be opened");
  auto lock = std::make_unique<FileLock>(fd);
  for (int waited = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; waited += kLockStepMs) {
    if (errno != EWOULDBLOCK && errno != EINTR) return broken(name, "cannot be locked");
    if (waited >= kLockWaitMs)
      return fail(Code::overloaded, path + ": another process has been changing it for five seconds");
    std::this_thread::sleep_for(std::chrono::milliseconds(kLockStepMs));
  }
  return lock;
}

Result<std::optional<std::string>> read_whole(const std::string& path, std::size_t bytes_max) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0 && errno == ENOENT) return std::nullopt;
  if (file.fd < 0) return broken(path, "cannot be read");
  std::string text;
  char block[16'384];
  for (;;) {
    const auto n = ::read(file.fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return broken(path, "cannot be read");
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > bytes_max)
      return fail(Code::internal, path + ": is larger than " + std::to_string(bytes_max >> 10) + " KiB");
  }
}

Result<void> replace_file(const std::string& path, const std::string& text, unsigned mode) {
  if (text.empty()) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return broken(path, "cannot be removed");
    sync_folder(path);
    return {};
  }
  const std::string next =
      path + ".new";  // one name: the lock is held, and one left by a crash is written over
  {
    const File file{
        ::open(next.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
    if (file.fd < 0 || ::fchmod(file.fd, mode) != 0) return broken(next, "cannot be written");
    for (std::size_t at = 0; at < text.size();) {
      const auto n = ::write(file.fd, text.data() + at, text.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return broken(next, "cannot be written");
      at += static_cast<std::size_t>(n);
    }
    if (::fsync(file.fd) != 0) return broken(next, "cannot be written to the disk");
  }
  if (::rename(next.c_str(), path.c_str()) != 0) return broken(path, "cannot be replaced");
  sync_folder(path);
  return {};
}

}  // namespace pb
