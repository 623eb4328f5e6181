// Which of the resources have changed, for clients that subscribe to them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gateway/gateway.h"
#include "gateway/state.h"
#include "mcp/hub.h"
#include "net/sweeper.h"
#include "store/ledger.h"

namespace pb::tools {

inline constexpr std::string_view kProvidersUri = "config://providers", kHealthUri = "health://providers",
                                  kUsageUri = "stats://usage";

// "healthy"; "degraded": something of it is not to be used now; "unhealthy": nothing of it is; "unknown": nothing was asked of it
// yet, or all that was is new. Pure.
std::string_view provider_health(std::span<const gateway::DeploymentState> all, std::string_view provider);
// Of all of them: "unknown" when nothing is known of any, "healthy" as long as nobody is known to be otherwise, "unhealthy" when
// all are. Pure.
std::string_view health_of_all(std::span<const std::string_view> providers);

// What clients are to be told when a configuration takes the place of another. Pure.
std::vector<mcp::Change> changes_between(const config::Config& before, const config::Config& after);

// Looks from time to time whether usage or somebody's health has changed, and tells those who watch. On one core.
class ChangeWatch {
 public:
  // `ledger` may be null.
  ChangeWatch(net::Sweeper& sweeper, gateway::Gateway& gateway, store::Ledger* ledger, mcp::Hub& hub);
  ChangeWatch(const ChangeWatch&) = delete;
  ChangeWatch& operator=(const ChangeWatch&) = delete;

 private:
  static void look(void* self);
  std::string health() const;

  gateway::Gateway& gateway_;
  store::Ledger* ledger_;
  mcp::Hub& hub_;
  std::uint64_t booked_ = 0;
  std::string health_;
  net::Deadline next_;
};

}  // namespace pb::tools
