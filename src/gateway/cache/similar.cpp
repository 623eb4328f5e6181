#include "gateway/cache/similar.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace pb::gateway::cache {

bool normalise(Vector& v) {
  const float length = std::sqrt(cosine(v, v));
  if (!std::isfinite(length) || length <= 0) return false;
  for (float& x : v) x /= length;
  return true;
}

// Eight sums that do not wait for each other, which compilers make vector instructions of.
float cosine(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 8;
  const std::size_t n = std::min(a.size(), b.size());
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += a[i + k] * b[i + k];
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

std::optional<Similar::Match> Similar::find(const Key& group, std::span<const float> v,
                                            float threshold) const {
  const std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return std::nullopt;
  std::optional<Match> best;
  for (const Item& item : found->second) {
    if (item.v.size() != v.size()) continue;  // of another model
    const float c = cosine(item.v, v);
    if (c >= threshold && (!best || c > best->cosine)) best = Match{item.entry, std::min(c, 1.0F)};
  }
  return best;
}

void Similar::drop(const Key& group, const Key& entry) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  count_ -= std::erase_if(found->second, [&](const Item& item) { return item.entry == entry; });
  if (found->second.empty()) groups_.erase(found);
}

void Similar::add(const Key& group, const Key& entry, Vector v, std::size_t entries_max) {
  if (v.empty() || v.size() > kDimensionsMax || entries_max == 0) return;
  const std::unique_lock lock(mutex_);
  drop(group, entry);
  std::erase(order_, std::pair{group, entry});
  while (count_ >= entries_max && !order_.empty()) {
    drop(order_.front().first, order_.front().second);
    order_.pop_front();
  }
  groups_[group].push_back({entry, std::move(v)});
  order_.emplace_back(group, entry);
  ++count_;
}

void Similar::remove(const Key& group, const Key& entry) {
  const std::unique_lock lock(mutex_);
  drop(group, entry);
  std::erase(order_, std::pair{group, entry});
}

std::size_t Similar::size() const {
  const std::shared_lock lock(mutex_);
  return count_;
}

}  // namespace pb::gateway::cache
