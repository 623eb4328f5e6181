// Small files that the program keeps for itself or changes for people: one writer at a time, and readers that never see half of one.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace pb {

class FileLock {  // held while it lives
 public:
  explicit FileLock(int fd) : fd_(fd) {}
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

// Waits for other writers, in this process or another, for at most five seconds. Makes the folder when missing.
Result<std::unique_ptr<FileLock>> lock_beside(const std::string& path);
// Nullopt when there is none; an error when it cannot be read or is larger than that.
Result<std::optional<std::string>> read_whole(const std::string& path, std::size_t bytes_max = 1u << 20);
// Replaces the file, and only once the new text is on the disk; `mode`: who may read it, its owner only unless told. `text` "" takes it
// away. Its folder must be there.
Result<void> replace_file(const std::string& path, const std::string& text, unsigned mode = 0600);

}  // namespace pb
