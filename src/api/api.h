// The HTTP endpoints: one core's handler for net/server.h. Checks who may speak, finds the endpoint, calls the gateway.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "gateway/gateway.h"
#include "net/server.h"

namespace pb::api {

// Where the configuration stands.
struct ConfigState {
  std::string source;          // the file; "" = none
  std::int64_t loaded_at = 0;  // Unix time
  int generation = 1;          // counts the versions that were taken
  std::string refused;         // why a newer one was not; "" = the newest is in use
};

struct Deps {
  gateway::Gateway& gateway;
  const metrics::Registry& metrics;
  store::Ledger* ledger = nullptr;            // for its gauges
  gateway::KeyRing* keys = nullptr;           // null: there are no virtual keys
  std::function<bool()> ready;                // serving and not draining
  std::function<ConfigState()> config_state;  // may be empty
  std::function<void()> refresh_gauges;       // before a scrape, on this core; may be empty
};

net::Handler create_api(Deps deps);

// The body of an answer to a request that never became one (malformed HTTP, header too large, …), in the shape the
// path's clients expect.
std::string error_page(const Error& error, std::string_view path);

}  // namespace pb::api
