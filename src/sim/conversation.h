// What the simulator reads from a conversation. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llm/chat.h"

namespace pb::sim {

// The text of the last user message that has any (its text blocks joined by newlines); "" when none has.
std::string last_user_text(const llm::Request& request);

// What happened since that message: assistant turns that called tools, and the results that came back.
struct ToolState {
  int turns = 0;
  int calls = 0;  // in the whole conversation: numbers the ids
  struct Result {
    std::string_view name;  // of the tool, "" when its call is not in the conversation
    const llm::Block* block;
  };
  std::vector<Result> results;
};
ToolState tool_state(const llm::Request& request);

// The text of a tool result: its text blocks, and "[image/png, 68 bytes]" for others.
std::string result_text(const llm::Block& result);

// "image 1: image/png, 68 bytes, sha256 1f2e…" a line for every image, document and audio of the conversation. `pixels`:
// ", PNG 30 x 20" too, as its own bytes say it.
std::string describe_media(const llm::Request& request, bool pixels = false);

// What providers refuse: no messages, a tool result without its call, a call without its result, empty text
// blocks (Anthropic). `dialect` is the format's name.
std::optional<Error> check_conversation(const llm::Request& request, std::string_view dialect);

// The prompt cache, for requests with cache marks: what the last mark covers.
struct CachePrefix {
  std::uint64_t hash = 0;
  std::int64_t tokens = 0;  // 0 = no marks
  bool one_hour = false;
};
CachePrefix cache_prefix(const llm::Request& request);

// A fast, stable hash (FNV-1a, 64 bits): for signatures of thinking blocks and cache keys, not for security.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 14695981039346656037ull);
// What the simulator signs thinking with.
std::string signature_of(std::string_view thinking);

}  // namespace pb::sim
