// Reads the configuration for a command and tells its mistakes.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace pb::cli {

// What a command loads for its `--config`: the file ("" = found as documented), the profile that the environment names, the overlay.
config::LoadOptions load_options(const std::string& path, const config::Environment& env,
                                 std::vector<config::Override> overrides = {});

// The configuration with this process's environment; nullopt after its mistakes were written to stderr: the command then ends with
// kUsage.
std::optional<config::Loaded> load_config(const std::string& path,
                                          std::vector<config::Override> overrides = {});
// As above, without looking which local providers run.
std::optional<config::Loaded> load_config_quietly(const std::string& path,
                                                  std::vector<config::Override> overrides = {});

}  // namespace pb::cli
