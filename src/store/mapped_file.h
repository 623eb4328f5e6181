// A file whose contents are written as memory: what is written survives the death of the process at any moment without a
// system call, since the pages belong to the kernel. (A power cut may lose what the kernel has not put on the disk yet.)
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace pb::store {

class MappedFile {
 public:
  // Makes the file, which must not exist (Error{invalid_request} when it does), readable by its owner only. `bytes` of the disk are
  // its own on return, so that a full disk is seen here and not when memory is written; it may grow to `bytes_max`.
  static Result<MappedFile> create(const std::string& path, std::size_t bytes, std::size_t bytes_max);
  MappedFile(MappedFile&& other) noexcept
      : path_(std::move(other.path_)),
        fd_(std::exchange(other.fd_, -1)),
        data_(std::exchange(other.data_, nullptr)),
        bytes_(other.bytes_),
        bytes_max_(other.bytes_max_) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  bool grow(std::size_t bytes);  // false: no room, or more than bytes_max. Data stays where it is
  char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  // Locks the file against other open files of it until this one is closed. False when it is locked or deleted.
  bool lock();
  void populate();      // gives it memory now rather than at first use
  void forget();        // takes the memory back; contents stay in the file
  void sync();          // onto the disk
  void close_number();  // the file's number is needed for grow() and the lock only

 private:
  MappedFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_ = -1;
  char* data_ = nullptr;
  std::size_t bytes_ = 0, bytes_max_ = 0;
};

// Every file of the journal begins with this many bytes that say what it is.
inline constexpr std::size_t kHeadBytes = 64;
enum class FileKind : char { rows = 'R', open = 'O' };
// `salt` goes into every checksum of the file.
void write_head(char* to, FileKind kind, std::uint32_t salt);
// The salt. Error{invalid_request} when the bytes are no head of that kind, Error{unsupported_media} when it is one of another version.
Result<std::uint32_t> read_head(std::string_view file, FileKind kind);

std::uint32_t checksum(std::uint32_t salt, std::string_view bytes);

// Makes the folder and those above it that are missing, for the owner only: they will hold who asked what, when.
Result<void> make_folders(const std::string& path);

}  // namespace pb::store
