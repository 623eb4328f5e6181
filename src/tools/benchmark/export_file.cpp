#include "tools/benchmark/export_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/ids.h"
#include "base/strings.h"

namespace pb::tools::bench {
namespace {

constexpr std::size_t kNameMax = 128;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> refused(std::string why) {
  return fail(Code::invalid_request, std::move(why), "output_file");
}

std::unexpected<Error> disk_error(const std::string& what) {
  return fail(Code::internal, what + ": " + std::strerror(errno));
}

Result<void> make_folder(const std::string& folder) {
  std::string made;
  for (const std::filesystem::path& part : std::filesystem::path(folder)) {
    made = made.empty() ? part.string() : (std::filesystem::path(made) / part).string();
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR && errno != EROFS &&
        errno != EACCES)
      return disk_error("the export folder cannot be made (" + made + ")");
  }
  return {};  // what could not be made and is not there shows when it is opened
}

// A descriptor of the caller's own folder, which is made where it is missing; of the export folder itself where there is none.
Result<int> open_own(int top, const std::string& own) {
  if (own.empty()) {
    const int again = ::openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0) return disk_error("the export folder cannot be opened");
    return again;
  }
  if (std::string fault = file_name_fault(own); !fault.empty()) return refused(std::move(fault));
  if (::mkdirat(top, own.c_str(), 0700) != 0 && errno != EEXIST)
    return disk_error("`" + own + "` cannot be made in the export folder");
  const int fd = ::openat(top, own.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return disk_error("`" + own + "` in the export folder is no folder that can be written to");
  return fd;
}

// What stands in the way of a file of that name.
Result<void> look(int folder, const std::string& name, bool replace) {
  struct stat info{};
  if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return disk_error("`" + name + "` cannot be looked at");
  }
  if (S_ISLNK(info.st_mode))
    return refused("`" + name +
                   "` is a symbolic link in the export folder: reports are not written through links");
  if (!S_ISREG(info.st_mode)) return refused("`" + name + "` is there already and is no file");
  if (!replace) return refused("`" + name + "` is there already; choose another name or set `overwrite`");
  return {};
}

Result<void> write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return disk_error("the report cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file) != 0) return disk_error("the report cannot be written");
  return {};
}

}  // namespace

std::string file_name_fault(std::string_view name) {
  if (name.empty()) return "output_file must not be empty";
  if (name.size() > kNameMax) return "output_file is longer than " + std::to_string(kNameMax) + " bytes";
  if (name.find('\0') != name.npos) return "output_file must not contain a NUL character";
  if (name.front() == '/') return "output_file must be a name, not an absolute path";
  if (name.contains('/') || name.contains('\\'))
    return "output_file must be a name without `/` and `\\`: reports are written to the export folder alone";
  if (name == "." || name == "..")
    return "output_file must be the name of a file, not `" + std::string(name) + "`";
  if (name.front() == '.') return "output_file must not begin with a dot";
  for (const char c : name)
    if (!is_letter(c) && !is_digit(c) && !std::string_view("-_. ").contains(c))
      return "output_file may have letters, digits, `-`, `_`, `.` and spaces only";
  if (name.back() == ' ' || name.back() == '.') return "output_file must not end with a space or a dot";
  return {};
}

Result<std::string> write_report(const ReportFolder& where, const std::string& name, std::string_view bytes,
                                 bool replace) {
  if (std::string fault = file_name_fault(name); !fault.empty()) return refused(std::move(fault));
  TRY(make_folder(where.folder));
  // From here on names are looked up in this folder, wherever its path leads meanwhile.
  const Descriptor top(::open(where.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (top.get() < 0)
    return disk_error("the export folder cannot be opened (mcp.files.export: " + where.folder + ")");
  TRY_ASSIGN(const int opened, open_own(top.get(), where.own));
  const Descriptor dir(opened);
  TRY(look(dir.get(), name, replace));
  // A reader never sees half a report: it gets its name when it is whole.
  const std::string draft = ids::make(".report-");
  {
    const Descriptor file(
        ::openat(dir.get(), draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0) return disk_error("no file can be made in the export folder (" + where.folder + ")");
    if (auto done = write_all(file.get(), bytes); !done) {
      ::unlinkat(dir.get(), draft.c_str(), 0);
      return std::unexpected(std::move(done.error()));
    }
  }
  // Neither call follows a link that has taken the name meanwhile: linkat() fails then, renameat() puts the file in its place.
  const int named = replace ? ::renameat(dir.get(), draft.c_str(), dir.get(), name.c_str())
                            : ::linkat(dir.get(), draft.c_str(), dir.get(), name.c_str(), 0);
  const int why = errno;
  if (!replace || named != 0) ::unlinkat(dir.get(), draft.c_str(), 0);
  if (named == 0) return (std::filesystem::path(where.folder) / where.own / name).string();
  if (why == EEXIST)
    return refused("`" + name + "` is there already; choose another name or set `overwrite`");
  errno = why;
  return disk_error("the report cannot get its name");
}

}  // namespace pb::tools::bench
