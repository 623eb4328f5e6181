// Answers of the Responses API kept here where the provider keeps none, so that clients can go on from them
// (`previous_response_id`) and ask for them again.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "llm/dialect.h"
#include "net/blocking.h"
#include "net/http.h"
#include "store/responses.h"

namespace pb::gateway {

// Whose a request is: the caller as the ledger names it, made unmistakable by a hash of the key that was sent.
std::string owner_of(const net::Request& request, std::string_view caller);

// Shared by all cores.
class StoredResponses {
 public:
  StoredResponses(store::ResponseStore& store, net::BlockingPool& pool) : store_(store), pool_(pool) {}

  Task<Result<std::optional<store::StoredResponse>>> get(std::string id, std::string caller);
  Task<Result<bool>> remove(std::string id, std::string caller);
  // Writes it some time later; what cannot be written is logged.
  void keep(store::StoredResponse response);

  // The body with the conversation that its `previous_response_id` names in front of its `input`, and without that member; and
  // with the items that its `item_reference`s name in their place. nullopt: nothing of that is kept here. Errors: a chain that is too long or a body that would be too large.
  Task<Result<std::optional<std::string>>> put_back(const std::string& body, std::string caller);

 private:
  // On a thread of the pool.
  Result<std::optional<store::StoredResponse>> find(const std::string& id, const std::string& owner);

  store::ResponseStore& store_;
  net::BlockingPool& pool_;
  std::mutex mutex_;
  // Answers on their way into the store: clients go on at once.
  std::unordered_map<std::string, std::shared_ptr<const store::StoredResponse>> unwritten_;
};

// Watches one answer on its way to the client and keeps it when it is whole. Does nothing unless start() was called.
class AnswerKeeper {
 public:
  // `body`: the request as the client sent it.
  void start(StoredResponses& stored, std::string_view caller, std::string_view body);
  bool on() const { return stored_ != nullptr; }
  void event(std::string_view name, std::string_view data);  // one of the client's stream
  void events(std::string_view bytes);                       // whole events of the client's stream
  void whole(std::string_view body);
  // The id of the answer that the request went on from; "" = none.
  const std::string& previous() const { return previous_; }

 private:
  StoredResponses* stored_ = nullptr;
  store::StoredResponse row_;
  std::string previous_;
};

}  // namespace pb::gateway
