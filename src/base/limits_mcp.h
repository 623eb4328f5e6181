// Limits of the MCP server: nothing a client does makes it keep more than this.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pb::limits {

inline constexpr std::size_t kMcpMessageBytesMax =
    16u << 20;                                   // one line of stdio; over HTTP it is the body's limit
inline constexpr std::size_t kMcpDepthMax = 64;  // of a message's JSON
inline constexpr std::size_t kMcpIdBytesMax = 256;
inline constexpr std::size_t kMcpBatchMax = 100;        // messages of one batch (2025-03-26)
inline constexpr std::size_t kMcpCallsMax = 1000;       // under way in one session or on one connection
inline constexpr std::size_t kMcpAllCallsMax = 20'000;  // under way in the process
inline constexpr std::size_t kMcpSessionsMax = 20'000;
inline constexpr int kMcpSessionIdleMs = 3'600'000;  // a session nobody uses ends after this
inline constexpr int kMcpResumeMs = 60'000;          // calls of a client that is gone end after this
inline constexpr int kMcpEvictIdleMs = 10'000;  // where the table is full, those unused for so long make room
inline constexpr std::size_t kMcpQueueMax = 1000;  // messages that wait for one client's stream
inline constexpr std::size_t kMcpQueueBytesMax = 4u << 20;
inline constexpr std::size_t kMcpIdleQueueMax =
    64;  // messages outside of any call, while the client has no stream open
inline constexpr std::size_t kMcpKeptStreamsMax =
    8;  // ended streams that a client may still ask for again, by session
inline constexpr int kMcpKeptStreamMs = 120'000;
inline constexpr std::size_t kMcpKeptBytesMax = 1u << 20;  // of one session's ended streams
inline constexpr std::size_t kMcpSubscriptionsMax = 1000;  // resources that one session or stream watches
inline constexpr std::size_t kMcpListenersMax = 20'000;    // open subscription streams
inline constexpr std::size_t kMcpAsksMax = 32;             // questions to the client in one round
inline constexpr int kMcpAskTimeoutMs = 600'000;           // a person answers
inline constexpr int kMcpRoundsMs = 900'000;               // a sealed request state is good for so long
inline constexpr std::size_t kMcpStateBytesMax = 256u << 10;
inline constexpr int kMcpJsonWaitMs = 2000;  // an answer that takes longer becomes an event stream
inline constexpr int kMcpPingMs = 15'000;    // silence on a stream after which a comment is sent
inline constexpr int kMcpRetryMs = 1000;     // when a client whose stream was cut should come back
inline constexpr int kMcpChangesMs =
    2000;                                 // how often those who watch usage or health hear of changes at most
inline constexpr int kMcpDrainMs = 3000;  // calls may go on for so long when standard input has ended
inline constexpr std::size_t kMcpPage = 100;  // entries of one page of a list
inline constexpr std::size_t kMcpCompletionsMax = 100;
inline constexpr std::size_t kMcpTasksMax = 10'000;
inline constexpr int kMcpTaskTtlMs = 3'600'000;
inline constexpr std::int64_t kToolCalls =
    20;  // of models, by one call of a tool: what mcp.tools grants unless it says otherwise
inline constexpr std::int64_t kToolTokens = 100'000;
inline constexpr double kToolDollars = 1;
inline constexpr int kToolParallel = 3;
inline constexpr int kToolParallelMax = 64;
inline constexpr int kFreePerMinute = 20;  // requests to free models, as providers count them
inline constexpr int kFreePerDay = 50;
inline constexpr std::size_t kToolAnswerBytesMax = 16u << 20;  // of one model's answer to a tool
inline constexpr std::int64_t kMcpListTtlMs = 60'000;          // how long clients may keep lists

// Access tokens and the keys they are verified with.
inline constexpr std::size_t kJwtBytesMax = 16u << 10;
inline constexpr std::size_t kJwtDepthMax =
    16;  // of the JSON in a token, a set of keys, an issuer's metadata
inline constexpr std::size_t kJwtSubjectBytesMax = 255;  // OpenID Connect Core §2
inline constexpr std::size_t kJwtUnnamedTriesMax =
    4;  // keys that are tried for one token where names do not tell which
inline constexpr std::size_t kJwksKeysMax = 100;
inline constexpr std::size_t kJwksBytesMax = 256u << 10;  // of a set of keys or an issuer's metadata
inline constexpr std::size_t kTokensKnownMax = 1024;      // verified tokens that one core remembers

}  // namespace pb::limits
