#include "store/master_key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/base64.h"
#include "base/whole_file.h"
#include "store/desktop_keyring.h"

namespace pb::store {
namespace {

std::string text_of(const MasterKey& key) {
  return base64_encode({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()});
}

std::optional<MasterKey> key_of(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
  const auto bytes = base64_decode(text);
  MasterKey out;
  if (!bytes || bytes->size() != out.bytes.size()) return std::nullopt;
  std::memcpy(out.bytes.data(), bytes->data(), out.bytes.size());
  return out;
}

std::string octal(unsigned mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode & 07777);
  return text;
}

Result<std::optional<MasterKey>> read_key_file(const std::string& path) {
  TRY_ASSIGN(const auto text, read_whole(path));
  if (!text) return std::nullopt;
  if (const std::string fault = privacy_fault(path); !fault.empty())
    return fail(Code::invalid_request, "the key file " + path + " " + fault);
  auto key = key_of(*text);
  if (!key)
    return fail(Code::invalid_request,
                "the key file " + path + " does not hold a key (32 bytes in base64); put a copy of it back");
  return key;
}

// Whole or not at all: the lock beside the sealed file is held, and there was none.
Result<void> write_key_file(const std::string& path, const MasterKey& key) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, failed)) {
    std::filesystem::create_directories(folder, failed);
    if (failed) return fail(Code::internal, folder.string() + ": cannot be made: " + failed.message());
    ::chmod(folder.c_str(), S_IRWXU);
  }
  return replace_file(path, text_of(key) + "\n");
}

Result<std::string> passphrase_of(const KeyPlace& place) {
  if (!place.passphrase)
    return fail(Code::unauthenticated, place.path +
                                           " is locked with a passphrase: set PATCHBAY_KEYS_PASSPHRASE, or "
                                           "PATCHBAY_KEYS_PASSPHRASE_FILE to a file that only you can read");
  TRY_ASSIGN(std::string text, place.passphrase());
  if (text.empty()) return fail(Code::invalid_request, "an empty passphrase protects nothing");
  return text;
}

}  // namespace

std::string privacy_fault(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) return std::string("cannot be looked at: ") + std::strerror(errno);
  if (!S_ISREG(st.st_mode)) return "is no file";
  if (st.st_uid != ::geteuid() && st.st_uid != 0)
    return "belongs to another user (uid " + std::to_string(st.st_uid) + ")";
  if ((st.st_mode & 077) != 0)
    return "can be read or changed by others (mode " + octal(st.st_mode) + "): chmod 600 " + path;
  return {};
}

Result<MasterKey> find_master_key(const SealHead& head, const KeyPlace& place) {
  if (head.unlock == Unlock::passphrase) {
    TRY_ASSIGN(const std::string passphrase, passphrase_of(place));
    return derive_master_key(head, passphrase);
  }
  if (head.unlock == Unlock::key_file) {
    TRY_ASSIGN(const auto key, read_key_file(place.key_file));
    if (key) return *key;
    return fail(Code::unauthenticated, "the key file " + place.key_file + " is not there, and " + place.path +
                                           " cannot be opened without it; put it back, or say where it is "
                                           "with key_store.key_file");
  }
  TRY_ASSIGN(const auto text, desktop_secret(place.path));
  const auto key = text ? key_of(*text) : std::nullopt;
  if (key) return *key;
  return fail(Code::unauthenticated, "the desktop's keyring has no key for " + place.path +
                                         "; was it made by another user or on another machine?");
}

Result<NewMasterKey> make_master_key(Unlock unlock, const KeyPlace& place) {
  NewMasterKey out;
  if (unlock == Unlock::passphrase) {
    TRY_ASSIGN(out.head, passphrase_head());
    TRY_ASSIGN(const std::string passphrase, passphrase_of(place));
    TRY_ASSIGN(out.key, derive_master_key(out.head, passphrase));
    return out;
  }
  out.head.unlock = unlock;
  // One that is there is used again: files that it has locked stay readable, also when this is cut off in the middle.
  std::optional<MasterKey> there;
  if (unlock == Unlock::key_file) {
    TRY_ASSIGN(there, read_key_file(place.key_file));
  } else {
    TRY_ASSIGN(const auto text, desktop_secret(place.path));
    if (text) there = key_of(*text);
  }
  if (there) {
    out.key = *there;
    return out;
  }
  TRY_ASSIGN(out.key, random_master_key());
  if (unlock == Unlock::key_file)
    TRY(write_key_file(place.key_file, out.key));
  else
    TRY(keep_desktop_secret(place.path, text_of(out.key)));
  return out;
}

}  // namespace pb::store
