// The HTTP endpoints: one core's handler for net/server.h. Checks who may speak, finds the endpoint, calls the gateway.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "config/overlay.h"
#include "gateway/gateway.h"
#include "net/blocking.h"
#include "net/server.h"

namespace pb::mcp {
class Authorizer;
class Endpoint;
}  // namespace pb::mcp

namespace pb::api {

// Where the configuration stands.
struct ConfigState {
  std::string source;          // the file; "" = none
  std::int64_t loaded_at = 0;  // Unix time
  int generation = 1;          // counts the versions that were taken
  std::string refused;         // why a newer one was not; "" = the newest is in use
};

namespace admin {
class FailedAttempts;
}
struct AdminDeps {  // of the admin API; one for all cores
  net::BlockingPool& blocking;
  admin::FailedAttempts& attempts;
  std::string ledger_path;  // "" = no ledger is kept
  std::function<ConfigState()>
      reload;  // reads the configuration again and waits for that: not on an event loop
  // The overlay: both wait for the disk, and a change until the cores have it.
  std::function<config::OverlayOutcome(const config::OverlayEdit&)> edit_overlay;
  std::function<config::OverlayShown()> show_overlay;
  std::int64_t started_ms = 0;  // Unix
};

struct Deps {
  gateway::Gateway& gateway;
  const metrics::Registry& metrics;
  store::Ledger* ledger = nullptr;            // for its gauges
  gateway::KeyRing* keys = nullptr;           // null: there are no virtual keys
  std::function<bool()> ready;                // serving and not draining
  std::function<ConfigState()> config_state;  // may be empty
  std::function<void()> refresh_gauges;       // before a scrape, on this core; may be empty
  const AdminDeps* admin = nullptr;           // null: there is no admin API
  bool admin_here = true;                     // it is served here, not on an address of its own
  bool clients_here = true;                   // false: nothing else is
  mcp::Endpoint* mcp = nullptr;               // null: MCP is not served
  mcp::Authorizer* oauth = nullptr;           // null: no access tokens are taken
};

net::Handler create_api(Deps deps);

// The body of an answer to a request that never became one (malformed HTTP, header too large, …), in the shape the
// path's clients expect.
std::string error_page(const Error& error, std::string_view path);

}  // namespace pb::api
