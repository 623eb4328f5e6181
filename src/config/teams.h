// Names of teams, as keys are given them.
#pragma once
#include <string>
#include <string_view>

#include "config/config.h"

namespace pb::config {

// What is wrong with a team that a key is to have: "there is no team `serch`; did you mean `search`? Add it under `teams`"; "" when
// nothing.
std::string team_fault(const Config& config, std::string_view team);

}  // namespace pb::config
