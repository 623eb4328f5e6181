#include "gateway/cache/cache.h"

namespace pb::gateway::cache {
namespace {

constexpr metrics::Family kRequests{"patchbay_cache_requests_total",
                                    "Requests where answers are kept, by what the cache did.",
                                    metrics::Type::counter};
constexpr metrics::Family kBytes{"patchbay_cache_bytes", "Memory of kept answers.", metrics::Type::gauge};
constexpr metrics::Family kEntries{"patchbay_cache_entries", "Kept answers.", metrics::Type::gauge};
constexpr metrics::Family kEvictions{"patchbay_cache_evictions_total",
                                     "Kept answers that had to make room for others.",
                                     metrics::Type::counter};

}  // namespace

void count(metrics::Shard& shard, std::string_view result) {
  std::string labels;
  metrics::label(labels, "result", result);
  shard.number(kRequests, labels).add(1);
}

Task<Result<std::uint64_t>> Cache::purge(Filter filter) {
  auto done = co_await backend_.purge(std::move(filter));
  publish();
  co_return done;
}

void Cache::publish() {
  const Stats stats = backend_.stats();
  shard_.number(kBytes, "").set(static_cast<double>(stats.bytes));
  shard_.number(kEntries, "").set(static_cast<double>(stats.entries));
  shard_.number(kEvictions, "").set(static_cast<double>(stats.evicted));
}

}  // namespace pb::gateway::cache
