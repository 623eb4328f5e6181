#include "store/leftovers.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/log.h"
#include "store/open_rows.h"
#include "store/segment.h"

namespace pb::store {
namespace {

constexpr std::size_t kFileBytesMax = 128u << 20;

struct Owned {
  std::string open;               // "" = is not there
  std::vector<std::string> rows;  // in order
};

// The folder's files by owner.
std::map<std::string, Owned> list(const std::string& folder) {
  std::map<std::string, Owned> owners;
  std::error_code ignored;
  for (std::filesystem::directory_iterator it(folder, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    if (name.ends_with(".open"))
      owners[name.substr(0, name.size() - 5)].open = it->path().string();
    else if (name.ends_with(".rows"))
      owners[name.substr(0, name.find('-'))].rows.push_back(it->path().string());
  }
  for (auto& [owner, files] : owners) std::ranges::sort(files.rows);
  return owners;
}

struct flock whole_file() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return whole;
}

Result<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno == ENOENT) return std::string();  // its process has ended as it should
  if (fd < 0) return fail(Code::internal, std::strerror(errno));
  std::string out;
  constexpr std::size_t kStep = 1u << 20;
  for (;;) {
    const std::size_t size = out.size();
    out.resize(size + kStep);
    const ssize_t n = ::read(fd, out.data() + size, kStep);
    out.resize(size + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0 && errno == EINTR) continue;
    const int fault = errno;
    if (n > 0 && out.size() <= kFileBytesMax) continue;
    ::close(fd);
    if (n < 0) return fail(Code::internal, std::strerror(fault));
    if (n > 0) return fail(Code::too_large, "it is too large");
    return out;
  }
}

Result<void> read_rows(std::string_view contents, Leftovers::File& file) {
  TRY_ASSIGN(const std::uint32_t salt, read_head(contents, FileKind::rows));
  RecordReader reader(contents, salt);
  std::string_view record;
  while (reader.next(record)) {
    NumberedRow row;
    if (decode(record, row))
      file.rows.push_back(std::move(row));
    else
      ++file.damaged;
  }
  file.damaged += reader.damaged();
  return {};
}

Result<void> read_open(std::string_view contents, Leftovers::File& file) {
  TRY_ASSIGN(const std::uint32_t salt, read_head(contents, FileKind::open));
  file.rows = read_open_rows(contents, salt, file.interrupted, file.damaged);
  return {};
}

}  // namespace

bool has_leftovers(const std::string& folder) {
  for (const auto& [owner, files] : list(folder)) {
    if (files.open.empty()) return true;
    const int fd = ::open(files.open.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    struct flock whole = whole_file();
    const bool dead = ::fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type == F_UNLCK;
    ::close(fd);
    if (dead) return true;
  }
  return false;
}

// Takes over the files of the next owner that has died.
bool Leftovers::claim() {
  release();
  for (const auto& [owner, files] : list(folder_)) {
    if (!files.open.empty()) {
      const int fd = ::open(files.open.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (fd < 0) continue;
      struct flock whole = whole_file();
      if (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {  // it lives
        ::close(fd);
        continue;
      }
      lock_ = fd;
      files_.push_back(files.open);
    }
    files_.insert(files_.end(), files.rows.rbegin(), files.rows.rend());
    std::erase_if(files_, [&](const std::string& f) { return kept_.contains(f); });
    if (!files_.empty()) return true;
    release();
  }
  return false;
}

bool Leftovers::read(const std::string& path, File& file) {
  file = File();
  file.path = path;
  auto contents = read_file(path);
  auto done = !contents ? Result<void>(std::unexpected(contents.error()))
              // The process died before it had written the head, or anything.
              : contents->find_first_not_of('\0') == contents->npos ? Result<void>()
              : path.ends_with(".open")                             ? read_open(*contents, file)
                                                                    : read_rows(*contents, file);
  if (!done) {
    kept_.insert(path);
    log::error(log::Module::store, "a file of the usage journal cannot be read; it is kept",
               {{"file", path}, {"reason", done.error().message}});
    return false;
  }
  if (file.damaged > 0)
    log::error(log::Module::store, "records of the usage journal are damaged and lost",
               {{"file", path}, {"records", static_cast<unsigned long>(file.damaged)}});
  for (NumberedRow& row : file.rows) tidy(row.row);
  return true;
}

std::optional<Leftovers::File> Leftovers::next() {
  for (;;) {
    if (files_.empty() && !claim()) return std::nullopt;
    File file;
    if (read(files_.back(), file)) return file;
    files_.pop_back();
  }
}

void Leftovers::done(const File& file) {
  ::unlink(file.path.c_str());
  if (!files_.empty() && files_.back() == file.path) files_.pop_back();
  if (files_.empty()) release();
}

void Leftovers::release() {
  files_.clear();
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
}

}  // namespace pb::store
