// Active health checks: providers that routes use are asked from time to time, so that one that is down is left alone before a
// request finds out, and one that is back is used again.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "base/task.h"
#include "gateway/snapshot.h"
#include "net/client.h"

namespace pb::gateway {

// How a provider's checks have gone. Pure.
class HealthCount {
 public:
  // Whether the provider counts as healthy after one more check.
  bool add(bool good, const config::Health& options);
  bool healthy() const { return healthy_; }

 private:
  bool healthy_ = true;
  int row_ = 0;  // checks in a row that say otherwise
};

class HealthChecks {
 public:
  // `snapshot`: the one in use, asked for on the client's own core.
  HealthChecks(net::Client& client, std::function<std::shared_ptr<const Snapshot>()> snapshot)
      : client_(client), snapshot_(std::move(snapshot)) {}
  // Never ends by itself. Checks every `health.interval`; waits while there is none.
  Task<void> run();

 private:
  Task<void> check_all(const Snapshot& snapshot);
  // Whether something answers at the provider's address, and does not say that it is in trouble: any status below 500 will do.
  Task<bool> answers(const Upstream& upstream, int timeout_ms);

  net::Client& client_;
  std::function<std::shared_ptr<const Snapshot>()> snapshot_;
  std::map<std::string, HealthCount, std::less<>> counts_;  // by provider
};

}  // namespace pb::gateway
