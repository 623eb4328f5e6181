#include "route/live.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace pb::route {

// Two cores that add at the same moment may lose one of the values; a mean can bear that.
void Ewma::add(double value, std::int64_t now_ms) {
  const std::int64_t last = at_.exchange(std::max<std::int64_t>(now_ms, 1), std::memory_order_relaxed);
  const double old = value_.load(std::memory_order_relaxed);
  if (last == 0 || (peak_ && value > old)) return value_.store(value, std::memory_order_relaxed);
  const double seconds = std::max(0.02, static_cast<double>(now_ms - last) / 1000);
  const double keep = std::exp2(-seconds / half_life_s_);
  value_.store(old * keep + value * (1 - keep), std::memory_order_relaxed);
}

double Ewma::faded(std::int64_t now_ms) const {
  const double seconds = static_cast<double>(now_ms - at_.load(std::memory_order_relaxed)) / 1000;
  return value() * std::exp2(-std::max(0.0, seconds) / half_life_s_);
}

void Window::add(float value) {
  values_[count_.fetch_add(1, std::memory_order_relaxed) % kSize].store(value, std::memory_order_relaxed);
}

double Window::percentile(double p) const {
  constexpr std::size_t kMin = 20;
  const std::size_t count = std::min(count_.load(std::memory_order_relaxed), kSize);
  if (count < kMin) return -1;
  std::array<float, kSize> sorted;
  for (std::size_t i = 0; i < count; ++i) sorted[i] = values_[i].load(std::memory_order_relaxed);
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(count)));
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, count) - 1);
  std::nth_element(sorted.begin(), nth, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return *nth;
}

void RateWindow::add(std::int64_t now_ms) {
  const auto second = static_cast<std::uint64_t>(now_ms / 1000);
  std::atomic<std::uint64_t>& slot = slots_[second % kSlots];
  std::uint64_t seen = slot.load(std::memory_order_relaxed);
  if (seen >> 32 != (second & 0xFFFFFFFFu) &&
      slot.compare_exchange_strong(seen, second << 32 | 1, std::memory_order_relaxed))
    return;
  slot.fetch_add(1, std::memory_order_relaxed);
}

std::int64_t RateWindow::sum(std::int64_t now_ms, int seconds) const {
  std::int64_t sum = 0;
  const auto now = static_cast<std::uint64_t>(now_ms / 1000);
  for (std::uint64_t back = 0; back < static_cast<std::uint64_t>(seconds) && back <= now; ++back) {
    const std::uint64_t seen = slots_[(now - back) % kSlots].load(std::memory_order_relaxed);
    if (seen >> 32 == ((now - back) & 0xFFFFFFFFu)) sum += static_cast<std::int64_t>(seen & 0xFFFFFFFFu);
  }
  return sum;
}

Live& Board::of(std::string_view name) {
  {
    std::shared_lock lock(mutex_);
    if (auto it = entries_.find(name); it != entries_.end()) return *it->second;
  }
  std::unique_lock lock(mutex_);
  auto& slot = entries_[std::string(name)];
  if (!slot) slot = std::make_unique<Live>(std::string(name));
  return *slot;
}

Live* Board::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : it->second.get();
}

void Board::drain(Live& live, bool drained) {
  if (live.drained.exchange(drained) == drained) return;
  drained_.fetch_add(drained ? 1 : -1, std::memory_order_relaxed);
}

std::vector<const Live*> Board::all() const {
  std::shared_lock lock(mutex_);
  std::vector<const Live*> out;
  out.reserve(entries_.size());
  for (const auto& [name, live] : entries_) out.push_back(live.get());
  return out;
}

}  // namespace pb::route
