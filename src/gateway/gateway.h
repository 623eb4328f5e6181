// The gateway of one core: one LLM request from top to bottom. Not thread-safe; lives on its core's io_context.
#pragma once
#include <memory>
#include <string_view>

#include "base/task.h"
#include "gateway/admission.h"
#include "gateway/loop_guard.h"
#include "gateway/media.h"
#include "gateway/recall.h"
#include "gateway/record.h"
#include "gateway/snapshot.h"
#include "gateway/stored.h"
#include "llm/dialect.h"
#include "llm/embed/embed.h"
#include "net/server.h"
#include "net/sweeper.h"

namespace pb::gateway {

class ModelLists;
namespace cache {
class Cache;
}
namespace shared {
class Line;
}

struct Deps {
  net::Client& client;
  net::Sweeper& sweeper;
  metrics::Shard& shard;
  store::Ledger* ledger;  // null: nothing is booked
  LoopGuard* loops;       // null: nothing is refused for being sent again and again
  Recall* recall;         // null: reasoning that a client cannot send back is lost
  net::BlockingPool& blocking;
  Estimator* estimator;               // null: usage that a provider leaves out stays unknown
  StoredResponses* stored = nullptr;  // null: answers are not kept for later requests
  Media* media = nullptr;             // null: images and documents go on as they are
  KeyRing* keys = nullptr;            // null: nobody has limits
  cache::Cache* cache = nullptr;      // null: no answer is kept
  ModelLists* lists = nullptr;        // null: providers are not asked for their models
  shared::Line* shared = nullptr;     // null: limits are this process' own
};

// What a client's URL says, for formats whose body does not (Gemini).
struct FromPath {
  std::string_view model;  // "" = the body names it
  bool stream = false;
  bool array = false;  // the stream is to be one JSON array
};

class Gateway {
 public:
  Gateway(Deps deps, std::shared_ptr<const Snapshot> snapshot);

  // Answers a chat request of a client that speaks `client`.
  // `receipt`: of a request that a part of this program makes for a client (a tool of MCP): gets the request's row when it is
  // booked, before the answer's last byte. Such a request does not count as sent again and again: a benchmark asks one thing many
  // times. Must live until the task has ended.
  Task<void> chat(const llm::Dialect& client, net::Request& request, net::Responder& out, Caller& caller,
                  FromPath from = {}, store::UsageRow* receipt = nullptr);
  // How many tokens a conversation has: the provider's own count where it has one, else counted here.
  Task<void> count_tokens(const llm::Dialect& client, net::Request& request, net::Responder& out,
                          Caller& caller, FromPath from = {});

  // Vectors of texts, for a client that speaks `client`.
  Task<void> embed(const llm::EmbedDialect& client, net::Request& request, net::Responder& out,
                   Caller& caller, FromPath from = {});

  // What a provider says about itself at `path`, beside its endpoint for `dialect`: GET, or POST where there is a body. Waits no
  // longer than seconds. `upstream` is one of snapshot()'s.
  Task<Result<std::string>> page(const Upstream& upstream, const llm::Dialect& dialect, std::string_view path,
                                 std::string_view body);

  const Snapshot& snapshot() const { return *snapshot_; }
  std::shared_ptr<const Snapshot> snapshot_in_use() const { return snapshot_; }
  void swap(std::shared_ptr<const Snapshot> next);  // on its own core
  Books& books() { return books_; }
  net::BlockingPool& blocking() const { return deps_.blocking; }
  Media* media() const { return deps_.media; }                 // may be null
  cache::Cache* cache() const { return deps_.cache; }          // may be null
  ModelLists* model_lists() const { return deps_.lists; }      // may be null
  StoredResponses* stored() const { return deps_.stored; }     // may be null
  const shared::Line* shared() const { return deps_.shared; }  // may be null

 private:
  Deps deps_;
  Books books_;
  std::shared_ptr<const Snapshot>
      snapshot_;  // shared with the other cores and with requests under way on an older one
};

}  // namespace pb::gateway
