// Answers that clients of OpenAI's Responses API may refer to later (`previous_response_id`, GET /v1/responses/{id}), kept in
// SQLite for providers that keep none.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace pb::store {

struct StoredResponse {
  std::string id;
  std::string owner;     // whose it is: the caller as the ledger names it; nobody else gets it
  std::string previous;  // id of the answer before it; "" = none
  std::int64_t created_s = 0;
  std::string input;     // JSON array: the items of this request alone
  std::string response;  // JSON object, as the client got it
};

struct ResponseStoreOptions {
  std::string path;
  int days = 30;                                   // then they go
  std::int64_t bytes_max = std::int64_t{1} << 30;  // of all of them: the oldest go first
};

// Any thread; calls wait for the disk, so event loops do not make them.
class ResponseStore {
 public:
  virtual ~ResponseStore() = default;
  virtual Result<void> put(const StoredResponse& response) = 0;
  // nullopt when there is none of that id, or it is another's.
  virtual Result<std::optional<StoredResponse>> get(const std::string& id, const std::string& owner) = 0;
  // False when there was none.
  virtual Result<bool> remove(const std::string& id, const std::string& owner) = 0;
};

// The file is made (0600) with the first answer that is kept.
std::unique_ptr<ResponseStore> create_response_store(ResponseStoreOptions options);

}  // namespace pb::store
