#include "gateway/cache/memory.h"

#include <algorithm>
#include <utility>

namespace pb::gateway::cache {
namespace {

constexpr std::size_t kShardBytesMin = 4u << 20;

}  // namespace

bool Filter::matches(const Entry& e) const {
  if (!space.empty() && e.space != space) return false;
  if (!route.empty() && e.route != route) return false;
  if (!provider.empty() && e.provider != provider) return false;
  return model.empty() || e.asked == model || e.model == model || e.provider + "/" + e.model == model;
}

void Lru::drop(Nodes::iterator it) {
  bytes_ -= it->bytes;
  index_.erase(it->key);
  nodes_.erase(it);
}

Change Lru::make_room(std::size_t bytes) {
  Change change;
  for (; !nodes_.empty() && bytes_ + bytes > bytes_max_; ++change.evicted) drop(std::prev(nodes_.end()));
  change.dropped = change.evicted;
  return change;
}

EntryPtr Lru::get(const Key& key, std::int64_t unix_ms) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto it = found->second;
  if (it->entry->until_ms <= unix_ms) {
    drop(it);
    return nullptr;
  }
  nodes_.splice(nodes_.begin(), nodes_, it);
  return it->entry;
}

Change Lru::put(const Key& key, EntryPtr entry) {
  if (const auto found = index_.find(key); found != index_.end()) drop(found->second);
  const std::size_t bytes = entry->bytes();
  if (bytes > bytes_max_) return {};
  Change change = make_room(bytes);
  nodes_.push_front({key, std::move(entry), bytes});
  index_.emplace(key, nodes_.begin());
  bytes_ += bytes;
  return change;
}

Change Lru::purge(const Filter& filter) {
  Change change;
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    const auto at = it++;
    if (!filter.matches(*at->entry)) continue;
    drop(at);
    ++change.dropped;
  }
  return change;
}

Change Lru::resize(std::size_t bytes_max) {
  bytes_max_ = bytes_max;
  return make_room(0);
}

Memory::Memory(std::size_t bytes_max) {
  const std::size_t count = std::clamp<std::size_t>(bytes_max / kShardBytesMin, 1, kShards);
  for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>(bytes_max / count));
}

void Memory::resize(std::size_t bytes_max) {
  for (auto& s : shards_) {
    const std::lock_guard lock(s->mutex);
    evicted_ += s->lru.resize(bytes_max / shards_.size()).evicted;
  }
}

std::optional<EntryPtr> Memory::get_now(const Key& key, std::int64_t unix_ms) {
  Shard& s = shard(key);
  const std::lock_guard lock(s.mutex);
  return s.lru.get(key, unix_ms);
}

Task<EntryPtr> Memory::get(Key key, std::int64_t unix_ms) { co_return *get_now(key, unix_ms); }

bool Memory::put_now(const Key& key, const EntryPtr& entry) {
  Shard& s = shard(key);
  const std::lock_guard lock(s.mutex);
  evicted_ += s.lru.put(key, entry).evicted;
  return true;
}

Task<void> Memory::put(Key key, EntryPtr entry) {
  put_now(key, entry);
  co_return;
}

Task<Result<std::uint64_t>> Memory::purge(Filter filter) {
  std::uint64_t count = 0;
  for (auto& s : shards_) {
    const std::lock_guard lock(s->mutex);
    count += s->lru.purge(filter).dropped;
  }
  co_return count;
}

Stats Memory::stats() const {
  Stats out;
  for (const auto& s : shards_) {
    const std::lock_guard lock(s->mutex);
    out.bytes += s->lru.bytes();
    out.entries += s->lru.size();
  }
  out.evicted = evicted_;
  return out;
}

}  // namespace pb::gateway::cache
