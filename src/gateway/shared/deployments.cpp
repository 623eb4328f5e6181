#include "gateway/shared/deployments.h"

#include <algorithm>
#include <charconv>

namespace pb::gateway::shared {
namespace {

constexpr std::int64_t kTrustMs = 60'000;  // a probe of our own counts for so long
constexpr std::int64_t kSlackMs = 500;
constexpr std::int64_t kMostMs = 3'600'000;
constexpr std::size_t kLinesMax = 10'000;

std::int64_t number(std::string_view& line) {
  std::int64_t n = 0;
  const auto [at, ec] = std::from_chars(line.data(), line.data() + line.size(), n);
  if (ec != std::errc() || at == line.data() + line.size() || *at != ' ') return -1;
  line.remove_prefix(static_cast<std::size_t>(at - line.data()) + 1);
  return std::clamp<std::int64_t>(n, 0, kMostMs);
}

}  // namespace

std::string Deployments::tell(std::int64_t now_ms) const {
  std::string out;
  for (const route::Live* live : board_.all()) {
    const route::Breaker& b = live->breaker;
    const std::int64_t open = b.adopted() ? 0 : std::max<std::int64_t>(0, b.open_until_ms() - now_ms);
    const std::int64_t cool =
        std::max<std::int64_t>(0, live->cool_until_ms.load(std::memory_order_relaxed) - now_ms);
    if ((open == 0 && cool == 0) || live->name.find('\n') != std::string::npos) continue;
    out += std::to_string(open) + " " + std::to_string(cool) + " " + live->name + "\n";
  }
  return out;
}

void Deployments::hear(const std::vector<std::string_view>& others, std::int64_t now_ms) {
  std::map<std::string_view, std::int64_t> open;
  std::size_t lines = 0;
  for (std::string_view text : others) {
    for (std::size_t end; (end = text.find('\n')) != text.npos && ++lines <= kLinesMax;
         text.remove_prefix(end + 1)) {
      std::string_view line = text.substr(0, end);
      const std::int64_t breaker = number(line), cool = breaker < 0 ? -1 : number(line);
      if (cool < 0 || line.empty()) continue;
      if (cool > 0) {
        auto& until = board_.of(line).cool_until_ms;
        if (now_ms + cool > until.load(std::memory_order_relaxed) + kSlackMs)
          until.store(now_ms + cool, std::memory_order_relaxed);
      }
      if (breaker > 0) open[line] = std::max(open[line], now_ms + breaker);
    }
  }
  for (auto& [name, adopted] : adopted_) {
    route::Breaker& b = board_.of(name).breaker;
    if (adopted.until_ms == 0) continue;
    if (!b.adopted()) {  // a request of our own has come back, well or not
      if (b.open_until_ms() == 0) adopted.ignore_until_ms = now_ms + kTrustMs;
      adopted.until_ms = 0;
    } else if (!open.contains(name) && now_ms < adopted.until_ms) {
      b.reset(now_ms);
      adopted.until_ms = 0;
    }
  }
  for (const auto& [name, until] : open) {
    Adopted& adopted = adopted_[std::string(name)];
    if (now_ms < adopted.ignore_until_ms) continue;
    route::Breaker& b = board_.of(name).breaker;
    b.adopt(now_ms, until);
    if (b.adopted()) adopted.until_ms = until;
  }
}

std::vector<std::pair<std::string, bool>> Deployments::drained_here(bool all) {
  std::vector<std::pair<std::string, bool>> out;
  for (const route::Live* live : board_.all()) {
    const bool now = live->drained.load(std::memory_order_relaxed);
    if (now == drained_.contains(live->name) && !(all && now)) continue;
    out.emplace_back(live->name, now);
    if (now)
      drained_.insert(live->name);
    else
      drained_.erase(live->name);
  }
  return out;
}

void Deployments::hear_drained(const std::set<std::string, std::less<>>& drained) {
  for (const std::string& name : drained)
    if (!drained_.contains(name)) board_.of(name).drained.store(true, std::memory_order_relaxed);
  for (const std::string& name : drained_)
    if (!drained.contains(name)) board_.of(name).drained.store(false, std::memory_order_relaxed);
  drained_ = drained;
}

}  // namespace pb::gateway::shared
