// Limits of benchmarks: what one may ask, and what is kept of all.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pb::limits {

inline constexpr int kBenchmarkModelsMax = 20;
inline constexpr int kBenchmarkPromptsMax = 20;
inline constexpr std::int64_t kBenchmarkCallsMax = 2'000;  // of one benchmark
inline constexpr int kBenchmarkRunsMax = 50;               // of one prompt with one model
inline constexpr std::size_t kBenchmarkPromptCharsMax = 20'000;
inline constexpr int kBenchmarkTimeoutSecondsMax = 600;       // of one run
inline constexpr int kBenchmarkDelaySecondsMax = 60;          // between two runs
inline constexpr std::int64_t kBenchmarkAnswerTokens = 1000;  // of an answer, where the caller does not say
inline constexpr std::size_t kBenchmarkTextBytesMax = 16u << 10;   // kept of one answer
inline constexpr std::size_t kBenchmarkJudgedBytesMax = 8u << 10;  // of one answer that the judge reads
inline constexpr std::int64_t kBenchmarksOfOwnerMax = 500;         // kept; the oldest go first
inline constexpr std::int64_t kBenchmarksMax = 10'000;             // of all owners
inline constexpr std::int64_t kBenchmarkRowsMax = 20'000;          // runs read for one comparison, the newest
inline constexpr std::int64_t kBenchmarkListMax = 100;             // benchmarks in one answer
inline constexpr std::size_t kBenchmarkToldBytesMax = 1u << 20;    // of all texts in one answer
inline constexpr std::size_t kBenchmarkReportBytesMax = 16u << 20;

}  // namespace pb::limits
