// What is put into clients' files: this program and its configuration.
#pragma once
#include <string>
#include <vector>

#include "base/secret.h"
#include "cli/commands.h"
#include "cli/install/plan.h"
#include "config/load.h"

namespace pb::cli {

struct InstallTarget {
  Places places;
  Scope scope = Scope::user;
  ServerEntry server;
  GatewayEntry gateway;
  std::vector<Secret> provider_keys;  // must not get into clients' files
};
// Errors: invalid_request. The configuration's mistakes are left to `patchbay doctor`: what is installed first may be configured later.
Result<InstallTarget> install_target(const InstallArgs& args, bool install);

// Error{invalid_request}: a provider's key would be written.
Result<void> check_no_secret(const InstallTarget& target, const std::vector<FileChange>& changes);

// Of `--home` and `--project`, else of this user and folder.
Places find_places(const std::string& home, const std::string& project);
std::string own_path();  // of this program
// "http://127.0.0.1:8000" of what the configuration listens on; "" when that is any free port.
std::string gateway_url(const config::Config& config);

}  // namespace pb::cli
