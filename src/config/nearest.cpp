// Which valid name was meant.
#include <algorithm>
#include <numeric>

#include "config/read.h"

namespace pb::config {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c; }

// Letters to insert, delete, replace or swap; case and '-' for '_' cost nothing.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string_view> names) {
  if (name.size() > 64) return {};
  std::string_view best;
  std::size_t least = 0;
  for (std::string_view candidate : names) {
    const std::size_t d = distance(name, candidate);
    if (best.empty() || d < least) best = candidate, least = d;
  }
  return least <= std::max<std::size_t>(2, name.size() / 3) && least < name.size() ? std::string(best)
                                                                                   : std::string();
}

std::string suggestion(std::string_view name, std::span<const std::string_view> names,
                       std::string_view valid) {
  if (const std::string near = nearest(name, names); !near.empty()) return "did you mean `" + near + "`?";
  std::string out(valid);
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? ": `" : ", `") + std::string(names[i]) + "`";
  return out;
}

}  // namespace pb::config
