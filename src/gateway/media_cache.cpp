#include "gateway/media_cache.h"

#include <algorithm>

namespace pb::gateway {

std::size_t MediaCache::size_of(const Entry& e) {
  constexpr std::size_t kOverhead = 200;  // nodes, control block
  return e.key.size() + e.media->text.size() + kOverhead;
}

void MediaCache::drop(Entries::iterator it) {
  bytes_ -= size_of(*it);
  index_.erase(it->key);
  entries_.erase(it);
}

std::shared_ptr<const ReadyMedia> MediaCache::get(const std::string& key, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto it = found->second;
  if (it->until < now) {
    drop(it);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, it);
  return it->media;
}

void MediaCache::put(const std::string& key, std::shared_ptr<const ReadyMedia> media, Clock::time_point now) {
  Entry e{key, std::move(media), now + keep_};
  const std::size_t size = size_of(e);
  std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) drop(found->second);
  if (size > bytes_max_ / 4) return;  // one picture must not push out all others
  while (bytes_ + size > bytes_max_) drop(std::prev(entries_.end()));
  entries_.push_front(std::move(e));
  index_.emplace(entries_.front().key, entries_.begin());
  bytes_ += size;
}

std::size_t MediaCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

MemoryBudget::Lease MemoryBudget::take(std::size_t bytes) {
  bytes = std::min(bytes, all_);
  std::unique_lock lock(mutex_);
  more_.wait(lock, [&] { return free_ >= bytes; });
  free_ -= bytes;
  return {*this, bytes};
}

void MemoryBudget::give_back(std::size_t bytes) {
  {
    std::lock_guard lock(mutex_);
    free_ += bytes;
  }
  more_.notify_all();
}

}  // namespace pb::gateway
