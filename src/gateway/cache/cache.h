// What all requests share of the cache: where answers are, and which requests are under way. Owned by main, shared by all cores.
#pragma once
#include <cstdint>

#include "base/metrics.h"
#include "config/config.h"
#include "gateway/cache/backend.h"
#include "gateway/cache/flight.h"
#include "gateway/cache/similar.h"

namespace pb::gateway::cache {

class Cache {
 public:
  // `shard`: of the cache's own, for what publish() tells. `seed`: random, of keys that are for this process only.
  Cache(Backend& backend, metrics::Shard& shard, std::uint64_t seed)
      : backend_(backend), shard_(shard), seed_(seed) {}

  Backend& backend() { return backend_; }
  Flights& flights() { return flights_; }
  Similar& similar() { return similar_; }
  std::uint64_t seed() const { return seed_; }

  // Forgets what the filter names, and tells how many answers that were. Any core.
  Task<Result<std::uint64_t>> purge(Filter filter);
  // Brings the gauges up to date. Any core.
  void publish();

 private:
  Backend& backend_;
  metrics::Shard& shard_;
  const std::uint64_t seed_;
  Flights flights_;
  Similar similar_;
};

// How a request met the cache, in the words of the metric and the ledger.
inline constexpr std::string_view kHit = "hit", kShared = "shared", kSemantic = "semantic", kMiss = "miss",
                                  kBypass = "bypass";
void count(metrics::Shard& shard, std::string_view result);

}  // namespace pb::gateway::cache
