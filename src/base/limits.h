// Every named limit of the program in one place. Those that users may change are the defaults of options.
#pragma once
#include <cstddef>

namespace pb::limits {

inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;
inline constexpr std::size_t kHeaderCountMax = 200;
inline constexpr std::size_t kBodyBytesMax = 64u << 20;  // a client's request body
inline constexpr std::size_t kBodySlackBytes = 64;       // behind it, which JSON parsers read beyond its end
inline constexpr std::size_t kUpstreamBodyBytesMax = 64u << 20;  // a provider's whole answer, after decoding
inline constexpr std::size_t kUpstreamErrorBytesMax = 1u << 20;
inline constexpr std::size_t kSseEventBytesMax = 16u << 20;  // one event of a stream
inline constexpr std::size_t kJsonDepthMax = 128;
inline constexpr int kHeaderTimeoutMs = 30'000;
inline constexpr int kBodyTimeoutMs = 120'000;
inline constexpr int kKeepAliveIdleMs = 120'000;
inline constexpr int kWriteTimeoutMs = 60'000;  // a client that does not read
inline constexpr int kConnectTimeoutMs = 10'000;
inline constexpr int kFirstByteTimeoutMs = 600'000;
inline constexpr int kStreamIdleTimeoutMs = 300'000;
inline constexpr int kTotalTimeoutMs = 3'600'000;
inline constexpr int kUpstreamIdleMs = 55'000;               // an idle pooled connection is closed after this
inline constexpr int kUpstreamConnectionsPerHostMax = 1024;  // per core
inline constexpr int kUpstreamWaitMs = 30'000;               // for a place in the pool
inline constexpr int kConnectionsMax = 20'000;               // clients, per core
inline constexpr int kPingAfterMs = 15'000;  // silence after which a client is sent a keep-alive
inline constexpr std::size_t kHeldBytesMax =
    256u << 10;  // of a stream that has not begun to answer, while another deployment may
inline constexpr int kLoopSendsMax = 60;        // of one unchanged conversation, a minute
inline constexpr int kLoopSendsMin = 10;        // below this, the retries of SDKs would be taken for a loop
inline constexpr int kDrainMs = 30'000;         // open requests may go on this long after SIGTERM
inline constexpr int kProviderQueueMs = 2'000;  // a request waits for a place under a provider's limits
inline constexpr std::size_t kBlockingQueueMax = 1000;     // jobs that wait for a thread of the blocking pool
inline constexpr std::size_t kRecallBytesMax = 64u << 20;  // signed reasoning kept for clients that cannot
inline constexpr std::size_t kRecallAnswerBytesMax = 4u << 20;  // of one answer; larger ones are not kept
inline constexpr std::size_t kLedgerQueueMax =
    100'000;  // rows in memory while neither journal nor database take them
inline constexpr std::size_t kLedgerSegmentBytes = 1u << 20;  // of the journal: some 5,000 rows
inline constexpr std::size_t kLedgerJournalBytesMax = 1u << 30;
inline constexpr std::size_t kLedgerTextBytesMax = 256;  // of one text of a row; clients choose model names

inline constexpr int kFetchTimeoutMs = 10'000;  // of a URL in a conversation, redirects included
inline constexpr std::size_t kFetchBytesMax = 20'000'000;
inline constexpr int kFetchRedirectsMax = 3;
inline constexpr std::size_t kMediaFetchesMax = 20;               // URLs of one request
inline constexpr std::size_t kMediaFetchedBytesMax = 64'000'000;  // of one request
inline constexpr std::size_t kMediaCacheBytesMax = 64u << 20;
inline constexpr std::size_t kMediaMemoryBytesMax = 512u << 20;  // of pictures that are decoded at one time
inline constexpr std::size_t kImageBytesMax = 75'000'000;        // 100 MB of base64 text
inline constexpr int kImageSideMax = 65'535;                     // pixels
inline constexpr long long kImagePixelsMax = 89'478'485;         // of one picture that is decoded

}  // namespace pb::limits
