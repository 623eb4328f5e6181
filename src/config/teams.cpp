#include "config/teams.h"

#include <vector>

#include "config/read.h"

namespace pb::config {

std::string team_fault(const Config& config, std::string_view team) {
  if (team.empty() || config.teams.contains(std::string(team))) return {};
  std::string out = "there is no team `" + std::string(team) + "`";
  std::vector<std::string_view> names;
  for (const auto& [name, ignored] : config.teams) names.push_back(name);
  out += names.empty() ? ": none is configured" : "; " + suggestion(team, names, "known are");
  return out + "; add it under `teams` of the configuration";
}

}  // namespace pb::config
