#include "tools/chat/image_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/strings.h"

namespace pb::tools {
namespace {

constexpr std::string_view kScheme = "file://";

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// "file:///a" and "file://localhost/a" -> "/a"; "" for other URIs.
std::string path_of_uri(std::string_view uri) {
  if (!uri.starts_with(kScheme)) return {};
  uri.remove_prefix(kScheme.size());
  constexpr std::string_view kHere = "localhost";
  if (uri.starts_with(kHere)) uri.remove_prefix(kHere.size());
  return uri.starts_with('/') ? percent_decode(uri) : std::string();
}

// The part of the path below the folder, without slashes around it; "" when it lies elsewhere.
std::string_view part_below(std::string_view path, std::string_view folder) {
  while (folder.ends_with('/')) folder.remove_suffix(1);
  if (!path.starts_with(folder)) return {};
  path.remove_prefix(folder.size());
  if (!path.starts_with('/')) return {};
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

std::unexpected<Error> no_file(const std::string& path) {
  return fail(Code::not_found, "there is no file `" + path + "`, or it is a link or cannot be read");
}

// Opens part after part, none of which may be a link or lead upwards.
Result<File> open_below(const std::string& path, const std::string& folder, std::string_view part) {
  File at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (at.get() >= 0) {
    const std::size_t slash = part.find('/');
    const std::string name(part.substr(0, slash));
    if (name == "..") break;
    if (slash == part.npos) {
      // Without O_NONBLOCK a pipe would be waited for.
      File file(::openat(at.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      if (file.get() < 0) break;
      return file;
    }
    part.remove_prefix(slash);
    while (part.starts_with('/')) part.remove_prefix(1);
    if (part.empty()) break;
    at = File(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  return no_file(path);
}

Result<std::string> read_all(const File& file, const std::string& path, std::size_t bytes_max) {
  struct stat st{};
  if (::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode)) return no_file(path);
  std::string out;
  char buffer[64 << 10];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return no_file(path);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > bytes_max)
      return fail(Code::too_large,
                  "the file `" + path + "` is larger than " + std::to_string(bytes_max) + " bytes");
  }
}

}  // namespace

std::vector<std::string> folders_of(json::Value roots) {
  std::vector<std::string> out;
  for (const json::Value root : roots["roots"].items())
    if (std::string path = path_of_uri(root["uri"].as_string()); !path.empty())
      out.push_back(std::move(path));
  return out;
}

Result<std::string> plain_path(std::string_view text) {
  std::string path = text.starts_with(kScheme) ? path_of_uri(text) : std::string(text);
  if (!path.starts_with('/') || path.contains('\0'))
    return fail(Code::invalid_request, "must be a file's whole path, or a file:// URI");
  if ((path + "/").contains("/../")) return fail(Code::invalid_request, "must not lead upwards (`..`)");
  return path;
}

bool lies_below(std::string_view path, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders)
    if (!part_below(path, folder).empty()) return true;
  return false;
}

Result<std::string> read_below(const std::string& path, const std::vector<std::string>& folders,
                               std::size_t bytes_max) {
  std::optional<Error> fault;
  for (const std::string& folder : folders) {
    const std::string_view part = part_below(path, folder);
    if (part.empty()) continue;
    auto file = open_below(path, folder, part);
    if (file) return read_all(*file, path, bytes_max);
    fault = std::move(file.error());
  }
  if (fault) return std::unexpected(std::move(*fault));
  return fail(Code::permission_denied,
              "the file `" + path +
                  "` lies in none of the folders that may be read: those of the option mcp.files.roots, and "
                  "over standard input the client's roots");
}

}  // namespace pb::tools
