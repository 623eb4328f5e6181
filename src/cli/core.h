// One core of the server: its event loop with everything that lives on it and shares nothing with the others.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/api.h"
#include "gateway/gateway.h"
#include "gateway/health.h"
#include "mcp/http.h"
#include "mcp/meter.h"
#include "mcp/oauth/authorizer.h"
#include "net/client.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/server.h"
#include "net/sweeper.h"
#include "store/benchmarks.h"
#include "tools/changes.h"
#include "tools/configure/editor.h"
#include "tools/conversations/expiry.h"

namespace pb::cli {

struct CoreDeps {
  std::shared_ptr<const gateway::Snapshot> snapshot;
  net::Resolver& resolver;
  metrics::Registry& metrics;
  store::Ledger* ledger;
  gateway::LoopGuard& loops;
  gateway::Recall& recall;
  gateway::StoredResponses& stored;
  net::BlockingPool& blocking;
  gateway::MediaShared& media;
  gateway::Estimator& estimator;
  gateway::KeyRing& keys;
  gateway::cache::Cache* cache;
  gateway::ModelLists* lists;
  gateway::shared::Replicas* replicas;  // null: nothing is shared with others
  route::Board* speaks;                 // of the one core that speaks for this replica, else null
  const std::atomic<bool>& draining;
  std::function<api::ConfigState()> config_state;
  const api::AdminDeps& admin;
  bool admin_elsewhere = false;  // the admin API has an address of its own
  mcp::Hub* hub = nullptr;       // null: MCP is not served
  tools::Conversations* conversations = nullptr;
  store::BenchmarkStore* benchmarks = nullptr;  // of its tools; null: none are kept
  mcp::OAuthShared* oauth = nullptr;            // null: no access tokens are taken
  const tools::ConfigEditor* config_editor = nullptr;
};

class Core {
 public:
  Core(CoreDeps deps, net::Listener listener);
  ~Core() { end(); }
  void serve_admin(net::Listener listener);                  // on one core only; before its loop runs
  void check_health();                                       // on one core only; before its loop runs
  void keep_model_lists();                                   // the same
  void watch_changes();                                      // the same
  void start();                                              // runs the loop on a thread of its own
  void run();                                                // runs it on this one
  void swap(std::shared_ptr<const gateway::Snapshot> next);  // from any thread
  void drain();  // from any thread: open requests may finish for server.drain_ms, then the loop ends
  void join();
  // Drops what the loop still has: checks and fetches under way. Once no core's loop runs, since it may tell other cores. May be called
  // twice.
  void end() { io_.end(); }
  // From then on keys that other processes change are read again, and webhooks are told of alerts. One core does this.
  void watch_keys();
  bool clean() const { return clean_; }  // every connection had ended when the loop did
  boost::asio::io_context& io() { return io_; }
  gateway::shared::Line* shared() { return shared_.get(); }  // null: nothing is shared

 private:
  Task<void> shut_down();
  api::Deps api_deps();
  std::size_t open_connections() const;
  static void refresh(void* self);
  static void look_at_keys(void* self);
  Task<void> tell_webhook(std::vector<std::string> alerts);

  CoreDeps deps_;
  net::Loop io_{1};
  net::Sweeper sweeper_{io_};
  std::unique_ptr<net::Client> client_;
  metrics::Shard& shard_;
  gateway::Media media_;
  std::unique_ptr<gateway::shared::Line> shared_;  // null: nothing is shared with other replicas
  gateway::Gateway gateway_;
  std::shared_ptr<mcp::Meter> meter_;                  // shared with the offer
  std::unique_ptr<mcp::Endpoint> mcp_;                 // null: not served
  std::unique_ptr<tools::ChangeWatch> changes_;        // of the one core that looks for changes
  std::unique_ptr<tools::ConversationExpiry> expiry_;  // of the same
  std::unique_ptr<mcp::Authorizer> oauth_;             // null: no access tokens are taken
  std::unique_ptr<gateway::HealthChecks> health_;
  std::unique_ptr<net::Server> server_, admin_server_;
  net::Deadline gauges_{sweeper_}, keys_{sweeper_};
  std::atomic<bool> reading_keys_{false};
  std::thread thread_;
  bool clean_ = true;
};

}  // namespace pb::cli
