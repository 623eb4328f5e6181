// Limits of what is kept: answers, vectors, lists of models.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pb::limits {

inline constexpr int kCacheTtlMs = 3'600'000;
inline constexpr std::size_t kCacheBytesMax = 64u << 20;      // of kept answers, overhead included
inline constexpr std::size_t kCacheEntryBytesMax = 1u << 20;  // of one
inline constexpr int kCacheWaitMs = 60'000;                   // for an equal request under way
inline constexpr std::int64_t kCacheWaitersMax = 1'000;       // for one request
inline constexpr int kSemanticTimeoutMs = 2'000;              // of the call that makes a vector
inline constexpr std::int64_t kSemanticEntriesMax = 10'000;
inline constexpr int kModelListRefreshMs = 3'600'000;
inline constexpr std::size_t kModelListMax = 5'000;  // models of one provider's list

}  // namespace pb::limits
