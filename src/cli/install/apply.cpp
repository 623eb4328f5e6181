#include "cli/install/apply.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "base/redact.h"
#include "base/whole_file.h"

namespace pb::cli {
namespace {

constexpr std::size_t kFileBytesMax = 16u << 20;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string copy_name(const std::string& file) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char time[32];
  std::strftime(time, sizeof time, "%Y%m%dT%H%M%SZ", &utc);
  std::string out = file + ".before-patchbay-" + time;
  std::error_code ignored;
  for (int i = 2; std::filesystem::exists(out, ignored); ++i)
    out = file + ".before-patchbay-" + time + "-" + std::to_string(i);
  return out;
}

// "the setting `X`" with its value masked, whatever it looks like: clients' files hold other servers' keys.
std::string masked(const std::string& line) {
  std::string low = line;
  std::ranges::transform(low, low.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const bool secret =
      low.contains("key") || low.contains("token") || low.contains("secret") || low.contains("password");
  const std::size_t sign = line.find_first_of(":=");
  if (secret && sign != line.npos && !low.contains("bearer $")) return line.substr(0, sign + 1) + " ****";
  return redact(line);
}

}  // namespace

Result<std::optional<std::string>> read_client_file(const std::string& file) {
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) return fail(Code::invalid_request, file + " is a folder");
  auto text = read_whole(file, kFileBytesMax);
  if (!text) text.error().code = Code::invalid_request;
  return text;
}

Result<std::string> write_client_file(const FileChange& change) {
  std::error_code failed;
  // A link stays one: people keep such files in a repository of their own.
  std::string file = change.file;
  if (std::filesystem::is_symlink(file, failed))
    file = std::filesystem::weakly_canonical(file, failed).string();
  TRY_ASSIGN(const auto now, read_client_file(file));
  if (now != change.before)
    return fail(Code::overloaded, change.file + " has just been changed by another program; try again");
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  unsigned mode = 0600;
  std::string copy;
  if (change.before) {
    struct stat st{};
    if (::stat(file.c_str(), &st) == 0) mode = st.st_mode & 0777u;
    copy = copy_name(file);
    if (!change.before->empty()) TRY(replace_file(copy, *change.before, mode & 0700u));
  }
  TRY(replace_file(file, change.after, mode));
  return change.before && !change.before->empty() ? copy : std::string();
}

std::string difference(const FileChange& change) {
  const auto before = lines_of(change.before.value_or("")), after = lines_of(change.after);
  std::size_t head = 0, tail = 0;
  const std::size_t most = std::min(before.size(), after.size());
  while (head < most && before[head] == after[head]) ++head;
  while (tail < most - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  std::string out;
  for (std::size_t i = head; i + tail < before.size(); ++i) out += "- " + masked(before[i]) + "\n";
  for (std::size_t i = head; i + tail < after.size(); ++i) out += "+ " + masked(after[i]) + "\n";
  return out;
}

}  // namespace pb::cli
