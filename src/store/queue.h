// Rows on their way to the ledger's thread. Threads push into shards, so that they rarely meet at one lock.
#pragma once
#include <array>
#include <cstddef>
#include <mutex>
#include <vector>

#include "store/ledger.h"

namespace pb::store {

class RowQueue {
 public:
  void push(UsageRow&& row);     // any thread
  std::vector<UsageRow> take();  // everything; rows of one thread are in order

 private:
  // Rows lie in chunks, because growing one vector would move all rows while a request waits.
  using Chunk = std::vector<UsageRow>;
  static constexpr std::size_t kShards = 16, kFirstChunk = 16, kChunk = 128;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::vector<Chunk> chunks;
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace pb::store
