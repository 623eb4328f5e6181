// Kept answers in memory: shards by hash, each with a short lock, the entries themselves shared and never changed.
#pragma once
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "gateway/cache/backend.h"

namespace pb::gateway::cache {

struct KeyHash {
  std::size_t operator()(const Key& key) const { return key.words[1]; }  // words[0] has chosen the shard
};

struct Change {
  std::uint64_t dropped = 0, evicted = 0;  // evicted: to make room
};

// One shard: the least recently used go first when there are too many bytes. Not thread-safe, no clock.
class Lru {
 public:
  explicit Lru(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  EntryPtr get(const Key& key, std::int64_t unix_ms);
  Change put(const Key& key, EntryPtr entry);
  Change purge(const Filter& filter);
  Change resize(std::size_t bytes_max);
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return index_.size(); }

 private:
  struct Node {
    Key key;
    EntryPtr entry;
    std::size_t bytes;
  };
  using Nodes = std::list<Node>;
  void drop(Nodes::iterator it);
  Change make_room(std::size_t bytes);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Nodes nodes_;  // the most recently used first
  std::unordered_map<Key, Nodes::iterator, KeyHash> index_;
};

class Memory final : public Backend {
 public:
  explicit Memory(std::size_t bytes_max);
  void resize(std::size_t bytes_max);  // any thread

  std::optional<EntryPtr> get_now(const Key& key, std::int64_t unix_ms) override;
  Task<EntryPtr> get(Key key, std::int64_t unix_ms) override;
  bool put_now(const Key& key, const EntryPtr& entry) override;
  Task<void> put(Key key, EntryPtr entry) override;
  Task<Result<std::uint64_t>> purge(Filter filter) override;
  Stats stats() const override;

 private:
  // Few where there is little memory, or one answer might not fit into its shard.
  static constexpr std::size_t kShards = 16;
  struct alignas(64) Shard {
    explicit Shard(std::size_t bytes_max) : lru(bytes_max) {}
    mutable std::mutex mutex;
    Lru lru;
  };
  Shard& shard(const Key& key) { return *shards_[key.words[0] % shards_.size()]; }
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint64_t> evicted_{0};
};

}  // namespace pb::gateway::cache
