// The overlay's file: one writer at a time, and readers that never see half of it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace pb::config {

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
// Nullopt when there is none; an error when it cannot be read or is larger than a megabyte.
Result<std::optional<std::string>> read_whole(const std::string& path);
// Replaces the file, readable by its owner only, and only once the new text is on the disk. `text` "" takes it away.
Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace pb::config
