// Reads the configuration for a command and tells its mistakes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace pb::cli {

// The configuration of `path` ("" = found as documented) with this process's environment; nullopt after its mistakes were
// written to stderr: the command then ends with kUsage.
std::optional<config::Loaded> load_config(const std::string& path,
                                          const std::vector<config::Override>& overrides = {});

}  // namespace pb::cli
