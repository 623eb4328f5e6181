// Parts of the gateway that `serve` and `mcp` build in the same way.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "config/load.h"
#include "mcp/hub.h"
#include "sim/sim.h"
#include "store/benchmarks.h"
#include "store/ledger.h"

namespace pb::cli {

void configure_log(const config::Log& c);
std::unique_ptr<store::Ledger> open_ledger(const config::Config& config);  // null: none is kept
std::unique_ptr<store::BenchmarkStore> open_benchmarks(const config::Config& config);
std::string beside_ledger(const config::Config& config, const char* name);
// The keyless default: nothing is configured, so the simulator in this process answers, and says so.
// `simulator`: the one that runs already, if any.
Result<void> start_simulator(config::Config& config, std::unique_ptr<sim::Simulator>& simulator);
mcp::HubDeps hub_deps(const config::Config& config);

}  // namespace pb::cli
