// This process as one of several replicas.
#pragma once
#include <memory>

#include "config/config.h"
#include "gateway/shared/replicas.h"

namespace pb::cli {

// Null when the configuration shares nothing. The replica's name is kept in the folder of the ledger, so that it is the same after a
// restart.
std::unique_ptr<gateway::shared::Replicas> make_replicas(const config::Config& config, std::size_t cores);

}  // namespace pb::cli
