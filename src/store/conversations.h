// Conversations that clients save, each for its owner alone; in the ledger's database.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace pb::store {

struct Conversation {  // without its messages
  std::string id, title, model, provider;
  std::string metadata = "{}";  // a JSON object
  std::int64_t version = 0;     // 1, and one more with each change
  std::int64_t messages = 0, bytes = 0;
  std::int64_t created_ms = 0, updated_ms = 0;  // Unix
};

struct ConversationMessage {
  std::string role;
  std::string text;  // what can be read and searched of it
  std::string json;  // the message as it came; "" = it is nothing but its role and its text
  std::int64_t time_ms = 0;
};

// A new conversation, or more of one.
struct ConversationChange {
  std::string owner;
  std::string id;                                               // "" = a new one
  std::int64_t version = 0;                                     // that it must have; 0 = any
  std::optional<std::string> title, model, provider, metadata;  // as they are from now on
  std::vector<ConversationMessage> messages;                    // behind those that are there
  std::int64_t now_ms = 0;
};

struct ConversationFilter {
  std::string owner;
  std::string text = {};  // stands in the title or in a message; of ASCII letters the case is not told apart
  std::string model = {}, provider = {};
  std::int64_t from_ms = 0, to_ms = 0;  // of the last change; 0 = open
  std::int64_t offset = 0, limit = 50;
};
struct ConversationList {
  std::vector<Conversation> found;  // the one changed last comes first
  std::int64_t total = 0;           // that match
};

// Which messages: from the one of that number on, or the last ones; always one, and more while they fit.
struct ConversationRange {
  std::int64_t from = 0;
  bool last = false;  // those at the end, whatever `from` says
  std::int64_t messages_max = 1000, bytes_max = 1 << 20;
};
struct ConversationPage {
  Conversation conversation;
  std::int64_t first = 0;  // the number of the first of these
  std::vector<ConversationMessage> messages;
};

// Any thread; calls wait for the disk, so event loops do not make them. What is another owner's is not found.
class ConversationStore {
 public:
  virtual ~ConversationStore() = default;
  // What it has become. Errors: not_found; invalid_request with param "version" where it is another; too_large over a limit of
  // base/limits_conversations.h.
  virtual Result<Conversation> save(const ConversationChange& change) = 0;
  virtual Result<ConversationList> list(const ConversationFilter& filter) = 0;
  virtual Result<ConversationPage> read(const std::string& owner, const std::string& id,
                                        const ConversationRange& range) = 0;
  // Ids for a client that completes one: those that begin with `text`, then those with it in their title; `total`: how many there
  // are of both. At most `limit` of them are returned.
  virtual Result<ConversationList> complete(const std::string& owner, const std::string& text,
                                            std::int64_t limit) = 0;
  // What it was. Errors: as of save().
  virtual Result<Conversation> remove(const std::string& owner, const std::string& id,
                                      std::int64_t version) = 0;
  // Removes those of all owners that were changed last before that, some at a time, so that nobody waits long for the
  // database. How many there were.
  virtual Result<std::int64_t> expire(std::int64_t before_ms) = 0;
};

// The file is made (0600) with the first conversation, if it is not there.
std::unique_ptr<ConversationStore> create_conversation_store(std::string path);

}  // namespace pb::store
