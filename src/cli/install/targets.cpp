#include "cli/install/targets.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/load_config.h"
#include "config/read.h"

namespace pb::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string absolute(const std::string& path) {
  std::error_code failed;
  const fs::path out = fs::weakly_canonical(fs::absolute(path, failed), failed);
  return failed ? path : out.string();
}

// A variable's name, as it is put into files.
bool good_variable(const std::string& name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
      return false;
  return true;
}

std::vector<std::string> server_args(const std::string& config_file) {
  std::vector<std::string> out = {"mcp"};
  if (!config_file.empty()) {  // absolute: clients start it in a folder of their own
    out.emplace_back("--config");
    out.push_back(absolute(config_file));
  }
  if (const std::string profile = variable("PATCHBAY_PROFILE"); !profile.empty()) {
    out.emplace_back("--profile");
    out.push_back(profile);
  }
  return out;
}

Result<void> set_gateway(const InstallArgs& args, const config::Config& config, bool install,
                         InstallTarget& out) {
  GatewayEntry& g = out.gateway;
  g.url = args.url.empty() ? gateway_url(config) : args.url;
  while (g.url.ends_with('/')) g.url.pop_back();
  g.force = args.force;
  if (!g.url.empty())
    if (const std::string fault = config::url_fault(g.url); !fault.empty())
      return fail(Code::invalid_request, "--url: " + fault);
  if (!install || (!args.gateway && !args.http)) return {};
  if (g.url.empty())
    return fail(Code::invalid_request,
                "the configuration lets `patchbay serve` take any port; give the address with --url");
  if (args.http) out.server.url = g.url + "/mcp";
  if (args.client_key_env.empty()) return {};
  if (!good_variable(args.client_key_env))
    return fail(Code::invalid_request, "--client-key-env takes the name of a variable");
  g.key_variable = out.server.key_variable = args.client_key_env;
  g.key = variable(args.client_key_env.c_str());
  if (args.gateway && g.key.empty())
    return fail(Code::invalid_request, "the variable " + args.client_key_env + " is not set");
  if (g.key.find_first_of("\r\n\"'\\ ") != g.key.npos)
    return fail(Code::invalid_request, "the variable " + args.client_key_env + " holds no key");
  return {};
}

}  // namespace

Places find_places(const std::string& home, const std::string& project) {
  Places out;
  std::error_code failed;
  out.home = home.empty() ? variable("HOME") : absolute(home);
  out.project = project.empty() ? fs::current_path(failed).string() : absolute(project);
  // Another home has none of this user's settings.
  if (home.empty()) out.variable = [](const std::string& name) { return variable(name.c_str()); };
#ifdef __APPLE__
  out.mac = true;
#endif
  return out;
}

std::string own_path() {
  std::error_code failed;
  const fs::path out = fs::read_symlink("/proc/self/exe", failed);
  return failed ? "patchbay" : out.string();
}

std::string gateway_url(const config::Config& config) {
  const auto address = config::parse_address(config.server.listen);
  if (!address || address->port == 0) return {};
  std::string host = address->host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  return "http://" + (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(address->port);
}

Result<InstallTarget> install_target(const InstallArgs& args, bool install) {
  InstallTarget out;
  out.places = find_places(args.home, args.project);
  if (out.places.home.empty())
    return fail(Code::invalid_request, "HOME is not set; say with --home where it is");
  out.scope = args.scope == "project" ? Scope::project : Scope::user;
  if (install && args.gateway && out.scope == Scope::project)
    return fail(Code::invalid_request, "--gateway is for the whole user: leave --scope project out");
  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  const config::LoadOptions options = load_options(args.config, env);
  std::error_code ignored;
  if (!args.config.empty() && !fs::exists(args.config, ignored))
    return fail(Code::invalid_request, args.config + " is not there");
  const config::Loaded loaded = config::load(options, env);
  out.server.command = args.command.empty() ? own_path() : args.command;
  out.server.args = server_args(options.file);
  for (const config::Provider& p : loaded.config.providers)
    if (!p.api_key.empty()) out.provider_keys.push_back(p.api_key);
  TRY(set_gateway(args, loaded.config, install, out));
  return out;
}

Result<void> check_no_secret(const InstallTarget& target, const std::vector<FileChange>& changes) {
  constexpr std::size_t kShortest = 8;  // what is shorter stands everywhere
  for (const FileChange& change : changes)
    for (const Secret& key : target.provider_keys)
      if (key.reveal().size() >= kShortest && change.after.contains(key.reveal()) &&
          !change.before.value_or("").contains(key.reveal()))
        return fail(Code::invalid_request,
                    "that would write a provider's key into " + change.file +
                        "; give a key of Patchbay's own (`patchbay keys create NAME`)");
  return {};
}

}  // namespace pb::cli
