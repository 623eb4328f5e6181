// What `patchbay doctor` looks at: each part gives checks, each check says what it found and, unless that is good, what to do.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace pb::cli {

enum class Health { good, note, warning, bad };  // only `bad` makes the command fail
std::string_view to_string(Health health);       // "good", "note", "warning", "bad"

struct Check {
  std::string area;  // "configuration", "keys", "providers", …
  std::string name;  // of what was looked at
  Health health = Health::good;
  std::string what;    // never a secret
  std::string advice;  // "" = nothing to do
};
using Checks = std::vector<Check>;

struct DoctorOptions {
  config::LoadOptions load;
  bool online = true;  // ask providers
  std::string home;
};

Checks check_configuration(const DoctorOptions& options, const config::Loaded& loaded);
Checks check_key_store(const DoctorOptions& options, const config::Loaded& loaded);
Checks check_folders(const config::Loaded& loaded);
Checks check_port(const config::Config& config);
// Asks each provider for its list of models, all at once; ten seconds at most.
Checks check_providers(const config::Loaded& loaded, bool online);
Checks check_clients(const DoctorOptions& options, const config::Loaded& loaded);

std::string doctor_text(const Checks& checks);
std::string doctor_json(const Checks& checks);

}  // namespace pb::cli
