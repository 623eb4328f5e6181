#include "store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace pb::store {
namespace {

constexpr char kMagic[] = "pbjrnl";  // and the kind
constexpr std::uint32_t kVersion = 1;

std::unexpected<Error> system_fault(const std::string& what, const std::string& path, int number) {
  return fail(number == EEXIST ? Code::invalid_request : Code::internal,
              what + " " + path + ": " + std::strerror(number));
}

// Room on the disk, not only a size.
int allocate(int fd, std::size_t from, std::size_t to) {
  for (;;) {
    const int fault = ::posix_fallocate(fd, static_cast<off_t>(from), static_cast<off_t>(to - from));
    if (fault != EINTR) return fault;
  }
}

}  // namespace

Result<MappedFile> MappedFile::create(const std::string& path, std::size_t bytes, std::size_t bytes_max) {
  MappedFile file(path, ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd_ < 0) return system_fault("cannot make", path, errno);
  file.bytes_max_ = bytes_max;
  if (const int fault = allocate(file.fd_, 0, bytes); fault != 0) {
    ::unlink(path.c_str());
    return system_fault("no room for", path, fault);
  }
  void* at = ::mmap(nullptr, bytes_max, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd_, 0);
  if (at == MAP_FAILED) {
    const int fault = errno;
    ::unlink(path.c_str());
    return system_fault("cannot map", path, fault);
  }
  file.data_ = static_cast<char*>(at);
  file.bytes_ = bytes;
  return file;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, bytes_max_);
  if (fd_ >= 0) ::close(fd_);
}

bool MappedFile::grow(std::size_t bytes) {
  if (bytes > bytes_max_ || allocate(fd_, bytes_, bytes) != 0) return false;
  bytes_ = bytes;
  return true;
}

bool MappedFile::lock() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  struct stat now{};
  // Before it was locked, another process may have taken it for a dead one's and deleted it.
  return ::fcntl(fd_, F_OFD_SETLK, &whole) == 0 && ::fstat(fd_, &now) == 0 && now.st_nlink > 0;
}

void MappedFile::populate() { (void)::madvise(data_, bytes_, MADV_POPULATE_WRITE); }
void MappedFile::forget() { (void)::madvise(data_, bytes_, MADV_DONTNEED); }
void MappedFile::sync() { (void)::msync(data_, bytes_, MS_SYNC); }

void MappedFile::close_number() {
  ::close(fd_);
  fd_ = -1;
}

void write_head(char* to, FileKind kind, std::uint32_t salt) {
  std::memset(to, 0, kHeadBytes);
  std::memcpy(to, kMagic, 6);
  to[6] = static_cast<char>(kind);
  std::memcpy(to + 8, &kVersion, sizeof kVersion);
  std::memcpy(to + 12, &salt, sizeof salt);
  const std::uint32_t sum = checksum(salt, {to, 16});
  std::memcpy(to + 16, &sum, sizeof sum);
}

Result<std::uint32_t> read_head(std::string_view file, FileKind kind) {
  if (file.size() < kHeadBytes || file.substr(0, 6) != std::string_view(kMagic, 6) ||
      file[6] != static_cast<char>(kind))
    return fail(Code::invalid_request, "it is no journal");
  std::uint32_t version = 0, salt = 0, sum = 0;
  std::memcpy(&version, file.data() + 8, sizeof version);
  std::memcpy(&salt, file.data() + 12, sizeof salt);
  std::memcpy(&sum, file.data() + 16, sizeof sum);
  if (version != kVersion)
    return fail(Code::unsupported_media, "it is of version " + std::to_string(version) +
                                             ", and this program knows version " + std::to_string(kVersion));
  if (sum != checksum(salt, file.substr(0, 16))) return fail(Code::invalid_request, "its head is damaged");
  return salt;
}

// Tells accidents from rows; nobody is kept from making files. A product's high half folded onto its low one makes every bit count, and
// costs a sixth of zlib's CRC-32 for a row.
std::uint32_t checksum(std::uint32_t salt, std::string_view bytes) {
  constexpr std::uint64_t kOne = 0x9e3779b97f4a7c15, kTwo = 0xd1b54a32d192ed03;
  const auto fold = [](std::uint64_t x, std::uint64_t y) {
    const auto product = static_cast<unsigned __int128>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::uint64_t lanes[2] = {salt ^ kOne, bytes.size() ^ kTwo};
  for (int lane = 0; !bytes.empty(); lane ^= 1) {
    std::uint64_t word = 0;
    const std::size_t n = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), n);
    bytes.remove_prefix(n);
    lanes[lane] = fold(lanes[lane] ^ word, lane == 0 ? kOne : kTwo) + word;
  }
  const std::uint64_t sum = fold(lanes[0] ^ kTwo, lanes[1] ^ kOne);
  return static_cast<std::uint32_t>(sum ^ sum >> 32);
}

Result<void> make_folders(const std::string& path) {
  const std::filesystem::path folder(path);
  std::error_code code;
  if (folder.empty() || std::filesystem::is_directory(folder, code)) return {};
  TRY(make_folders(folder.parent_path().string()));
  if (::mkdir(folder.c_str(), 0700) == 0 || (errno == EEXIST && std::filesystem::is_directory(folder, code)))
    return {};
  return fail(Code::internal, "cannot make the folder " + folder.string() + ": " + std::strerror(errno));
}

}  // namespace pb::store
