#include "cli/install/apply.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <span>
#include <utility>

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

// A line without what may be a secret, whatever it looks like: clients' files hold other servers' keys.
std::string masked(const std::string& line) {
  std::string low = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
  std::ranges::transform(low, low.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view kTelling[] = {"key", "token", "secret", "pass", "auth", "credential"};
  const bool secret = std::ranges::any_of(kTelling, [&](std::string_view w) { return low.contains(w); });
  const std::size_t sign = line.find_first_of(":=");
  const bool variable = low.starts_with("\"authorization\": \"bearer $") && !low.contains(',');
  if (secret && sign != line.npos && !variable) return line.substr(0, sign + 1) + " ****";
  return redact(line);
}

// The lines that both have, as pairs of indices in order; nothing when there is too much to compare.
std::vector<std::pair<std::size_t, std::size_t>> common_lines(std::span<const std::string> a,
                                                              std::span<const std::string> b) {
  constexpr std::size_t kCellsMax = 4'000'000;
  std::vector<std::pair<std::size_t, std::size_t>> out;
  const std::size_t wide = b.size() + 1;
  if ((a.size() + 1) * wide > kCellsMax) return out;
  // How long the longest common row of lines is from (i, j) on.
  std::vector<std::uint16_t> longest((a.size() + 1) * wide);
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      longest[i * wide + j] = a[i] == b[j] ? static_cast<std::uint16_t>(longest[(i + 1) * wide + j + 1] + 1)
                                           : std::max(longest[(i + 1) * wide + j], longest[i * wide + j + 1]);
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j])
      out.emplace_back(i++, j++);
    else if (longest[(i + 1) * wide + j] >= longest[i * wide + j + 1])
      ++i;
    else
      ++j;
  }
  return out;
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
  struct stat st{};
  const bool stays = change.before && ::stat(file.c_str(), &st) == 0;
  if (stays) mode = st.st_mode & 0777u;
  std::string copy;
  if (change.before) {
    copy = copy_name(file);
    if (!change.before->empty()) TRY(replace_file(copy, *change.before, mode & 0700u));
  }
  TRY(replace_file(file, change.after, mode));
  // Run by root for somebody else, it stays theirs.
  if (stays && st.st_uid != ::geteuid() && !change.after.empty() &&
      ::chown(file.c_str(), st.st_uid, st.st_gid) != 0)
    return fail(Code::internal, file + ": cannot be given back to its owner: " + std::strerror(errno));
  return change.before && !change.before->empty() ? copy : std::string();
}

std::string difference(const FileChange& change) {
  const auto before = lines_of(change.before.value_or("")), after = lines_of(change.after);
  std::size_t head = 0, tail = 0;
  const std::size_t most = std::min(before.size(), after.size());
  while (head < most && before[head] == after[head]) ++head;
  while (tail < most - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const std::span old = std::span(before).subspan(head, before.size() - head - tail),
                  now = std::span(after).subspan(head, after.size() - head - tail);
  auto same = common_lines(old, now);
  same.emplace_back(old.size(), now.size());
  std::string out;
  std::size_t i = 0, j = 0;
  for (const auto& [next_old, next_now] : same) {
    for (; i < next_old; ++i) out += "- " + masked(old[i]) + "\n";
    for (; j < next_now; ++j) out += "+ " + masked(now[j]) + "\n";
    ++i;
    ++j;
  }
  return out;
}

}  // namespace pb::cli
