// The conversations that clients keep here: what the tools, the resource, the prompt and the completion of them share.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/task.h"
#include "mcp/hub.h"
#include "net/blocking.h"
#include "store/conversations.h"

namespace pb::tools {

// The store for event loops: what waits for the disk is done on the pool's threads, and who listens hears of changes, even where
// the caller has gone meanwhile. Owned by main, shared by all cores.
class Conversations {
 public:
  Conversations(store::ConversationStore& store, net::BlockingPool& pool, mcp::Hub& hub)
      : store_(store), pool_(pool), hub_(hub) {}

  // As the store's own; overloaded where too much waits for the pool.
  Task<Result<store::Conversation>> save(store::ConversationChange change);
  Task<Result<store::ConversationList>> list(store::ConversationFilter filter);
  Task<Result<store::ConversationPage>> read(std::string owner, std::string id,
                                             store::ConversationRange range);
  Task<Result<store::ConversationList>> complete(std::string owner, std::string text, std::int64_t limit);
  Task<Result<store::Conversation>> remove(std::string owner, std::string id, std::int64_t version);
  Task<Result<std::int64_t>> expire(std::int64_t before_ms);

 private:
  store::ConversationStore& store_;
  net::BlockingPool& pool_;
  mcp::Hub& hub_;
};

inline constexpr std::string_view kConversationUri = "conversation://{id}";
std::string conversation_uri(std::string_view id);

// Messages as clients send them: objects with a role, and a content that is a text or a list of parts. An error names the path.
Result<std::vector<store::ConversationMessage>> read_messages(json::Value messages);
// The first words of the first message of the user; "" where there are none.
std::string title_from(const std::vector<store::ConversationMessage>& messages);

// The members of a conversation without its messages, into an open object.
void write_conversation(json::Writer& w, const store::Conversation& c);
// The schema of an object with these members and `more`: `"created":{"type":"boolean"}`; `needed`: the name of one that is
// always there.
std::string conversation_schema(std::string_view more = {}, std::string_view needed = {});
// A JSON array.
void write_messages(json::Writer& w, const std::vector<store::ConversationMessage>& messages);
// The whole of it, or its end where it is too long for one answer: `omitted` then says how many messages are missing.
std::string conversation_json(const store::ConversationPage& page);

}  // namespace pb::tools
