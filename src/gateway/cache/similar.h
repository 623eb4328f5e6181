// Vectors of earlier questions, and which of them is most like a new one. Pure but for the lock.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "gateway/cache/memory.h"

namespace pb::gateway::cache {

using Vector = std::vector<float>;
inline constexpr std::size_t kDimensionsMax = 8192;

// Brings a vector to length 1. False for one without length, or with parts that are no numbers.
bool normalise(Vector& v);
// The cosine of two vectors of length 1 and the same dimensions.
float cosine(std::span<const float> a, std::span<const float> b);

// Questions are compared with those of the same group only: the same conversation before them, the same model. Any thread; a look
// takes time in proportion to the group.
class Similar {
 public:
  struct Match {
    Key entry;  // of the answer
    float cosine = 0;
  };
  // The most alike at or above the threshold. `v` has length 1.
  std::optional<Match> find(const Key& group, std::span<const float> v, float threshold) const;
  // The oldest of all groups goes when there are more than entries_max. The same entry again takes its place.
  void add(const Key& group, const Key& entry, Vector v, std::size_t entries_max);
  void remove(const Key& group, const Key& entry);  // its answer is gone
  std::size_t size() const;

 private:
  struct Item {
    Key entry;
    Vector v;
  };
  void drop(const Key& group, const Key& entry);
  mutable std::shared_mutex mutex_;
  std::unordered_map<Key, std::vector<Item>, KeyHash> groups_;
  std::deque<std::pair<Key, Key>> order_;  // group and entry, the oldest first; some are gone already
  std::size_t count_ = 0;
};

}  // namespace pb::gateway::cache
