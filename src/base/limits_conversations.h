// Limits of the conversations that clients keep here.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pb::limits {

inline constexpr std::int64_t kConversationsMax = 10'000;  // of one owner
inline constexpr std::int64_t kConversationBytesMax = 16 << 20;
inline constexpr std::int64_t kConversationsBytesMax = 128 << 20;  // of all of one owner
inline constexpr std::int64_t kConversationMessagesMax = 10'000;
inline constexpr std::size_t kConversationTitleMax = 200;  // characters
inline constexpr std::size_t kConversationMetadataBytesMax = 16u << 10;
inline constexpr std::int64_t kConversationsListed = 200;    // at most, by one call
inline constexpr std::int64_t kConversationsFoundMax = 100;  // by a client that completes a name
inline constexpr int kConversationExpiryMs = 3'600'000;      // between two looks for those that are too old
// What one answer carries of a conversation: whole messages, as many as fit, but always one.
inline constexpr std::int64_t kConversationShownBytes = 1 << 20;
inline constexpr std::int64_t kConversationShownMessages = 1000;

}  // namespace pb::limits
