// The state of the running gateway as plain values, for people: the admin API renders it, `patchbay status` shows it. Read without
// locks that a request would wait for, but for each limiter's own.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/key_ring.h"
#include "gateway/present.h"
#include "gateway/snapshot.h"

namespace pb::gateway {

struct LimitUse {
  route::Limit limit{};
  double most = 0, left = 0;   // requests, tokens or dollars
  std::int64_t reset_ms = -1;  // until all of it is there again; -1 = not by waiting
};

// What a key, team, provider or deployment may use, and has used.
struct Allowance {
  route::Subject subject{};
  std::string name, team;        // `team`: of a key
  std::vector<LimitUse> limits;  // those that there are
  route::Period per{};           // of the budget
  double used = 0;               // the largest share of any of them, 0…1
  int in_flight = 0;
  std::int64_t requests_today = 0, tokens_today = 0;
  double spent = 0;  // dollars of the budget's period; without a budget, of the month
};
Allowance allowance(const route::Limiter& limiter, route::Moment now);
// Of all keys that may still be used, of all teams, providers and deployments that have limits; by subject, then name. May take a while
// with many keys.
std::vector<Allowance> allowances(const KeyRing& keys, const route::Board& board, route::Moment now);

struct Membership {  // of a deployment in a route
  std::string route;
  int weight = 1, priority = 1;
  std::vector<std::string> tags;
};

struct DeploymentState {
  std::string name, provider, model;
  std::vector<Membership> routes;  // none: it is asked for by name
  bool drained = false, unhealthy = false;
  route::Breaker::State breaker{};
  std::int64_t since_ms = 0;    // Unix time at which the breaker last opened or closed; 0 = it never has
  std::int64_t retry_ms = 0;    // until an open breaker lets a request through
  std::int64_t cooling_ms = 0;  // rate limited by the provider: others are preferred for that long
  std::int64_t checked_ms = 0;  // Unix time of the last health check; 0 = there was none
  int in_flight = 0;
  std::uint64_t answered = 0, failed = 0;            // since the start
  std::int64_t ended_minute = 0, failed_minute = 0;  // within sixty seconds: all, and failed
  double per_second = 0;                             // that ended, over the last ten seconds
  double first_token_ms = -1, first_token_p95_ms = -1, tokens_per_second = -1,
         success = -1;                 // means that fade; -1 = not known
  std::optional<Allowance> allowance;  // where it has limits of its own
};
// In a word: "ready", "drained", "unhealthy", "open", "half_open", "limited" or "cooling".
std::string_view word_of(const DeploymentState& d);

// Those of routes, and those that were asked for by name since the start; by name.
std::vector<DeploymentState> deployments(const Snapshot& snapshot, route::Moment now);
// Any that was ever named.
std::optional<DeploymentState> find_deployment(const Snapshot& snapshot, std::string_view name,
                                               route::Moment now);

struct RouteState {
  const route::Route* route = nullptr;  // the snapshot's
  struct Place {
    std::string name;
    bool usable = false;
    const route::Deployment* deployment = nullptr;
  };
  std::vector<Place> deployments;  // in the order of the configuration
};
std::vector<RouteState> routes(const Snapshot& snapshot, route::Moment now);

struct Overview {
  int deployments = 0, ready = 0, in_flight = 0;
  std::uint64_t answered = 0, failed = 0;
  double per_second = 0;
};
Overview overview(const std::vector<DeploymentState>& deployments);

}  // namespace pb::gateway
