#include "store/queue.h"

#include <atomic>
#include <iterator>
#include <utility>

namespace pb::store {
namespace {

// Threads are given numbers in the order they first push.
std::size_t thread_number() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace

void RowQueue::push(UsageRow&& row) {
  Shard& shard = shards_[thread_number() % kShards];
  const std::lock_guard lock(shard.mutex);
  if (shard.chunks.empty() || shard.chunks.back().size() == shard.chunks.back().capacity()) {
    shard.chunks.emplace_back().reserve(shard.chunks.size() == 1 ? kFirstChunk : kChunk);
  }
  shard.chunks.back().push_back(std::move(row));
}

std::vector<UsageRow> RowQueue::take() {
  std::vector<UsageRow> rows;
  for (Shard& shard : shards_) {
    std::vector<Chunk> chunks;
    {
      const std::lock_guard lock(shard.mutex);
      chunks.swap(shard.chunks);
    }
    for (Chunk& chunk : chunks)
      rows.insert(rows.end(), std::make_move_iterator(chunk.begin()), std::make_move_iterator(chunk.end()));
  }
  return rows;
}

}  // namespace pb::store
