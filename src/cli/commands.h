// The commands of the program: each is a plain function in its own file (cli/serve.cpp, …) that takes its arguments as a
// struct and returns the process's exit code. The table in commands.cpp gives them names, options and help.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pb::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;  // wrong arguments or a configuration with mistakes

// Parses the arguments, runs the command, returns the exit code. No command: prints the help.
int run(int argc, const char* const* argv);

struct ServeArgs {
  std::string config;     // --config; "" = looked for
  std::string listen;     // --listen HOST:PORT, over the file's; "" = the file's
  std::string log_level;  // --log-level, over the file's; "" = the file's
};
int serve(const ServeArgs& args);

struct McpArgs {
  std::string config;
  std::string log_level;  // --log-level, over the file's; "" = the file's
};
int mcp(const McpArgs& args);

struct SimArgs {
  std::string listen = "127.0.0.1:9000";  // --listen
  std::string scenario;                   // --scenario FILE; "" = none
  int threads = 0;                        // --threads; 0 = one per core
};
int sim(const SimArgs& args);

struct UsageArgs {
  std::vector<std::string> by;                    // --by day,provider,model,key,team
  std::string since, until;                       // "7d", "12h" or a date "2026-11-20"; "" = open
  std::string provider, model, key, team, route;  // "" = all
  std::string status;                             // "429", "4xx", "errors"; "" = all
  bool json = false;
  std::string config;
};
int usage(const UsageArgs& args);

struct StatusArgs {
  std::string url;  // --url; "" = by the configuration
  std::string config;
  bool once = false, json = false;
};
int status(const StatusArgs& args);

struct ConfigCheckArgs {
  std::string file;           // "" = the file that serve would take
  bool all_profiles = false;  // --all-profiles: with each of them in turn
};
int config_validate(const ConfigCheckArgs& args);

struct ConfigShowArgs {
  std::string config;
  bool json = false;
};
int config_show(const ConfigShowArgs& args);
int config_schema();

// The overlay (config/overlay.h).
struct ConfigEditArgs {
  std::string path, value;
  std::string config;
  bool json = false;
};
int config_set(const ConfigEditArgs& args);
int config_unset(const ConfigEditArgs& args);
int config_reset(const ConfigEditArgs& args);
int config_overlay(const ConfigEditArgs& args);  // shows it

struct ConfigImportArgs {
  std::string file;          // "" with --env = none; "" without = where cproxy looked for it
  std::string format;        // --format; "" = told by what stands in the file
  bool environment = false;  // --env
  std::string output;        // --output; "" = standard output
  bool force = false;        // --force: write over an existing file
};
int config_import(const ConfigImportArgs& args);

struct ModelsArgs {
  std::string config;
  bool json = false;
};
int models(const ModelsArgs& args);

// What may be set of a virtual key; what is not given stays as it is. "" and 0 take a limit away.
struct KeyChanges {
  std::optional<std::string> team, models, tools;  // lists: "a,b"
  std::optional<std::int64_t> requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day;
  std::optional<int> concurrency;
  std::optional<double> budget;        // US dollars
  std::optional<std::string> per;      // of the budget: day, month or total
  std::optional<std::string> expires;  // "30d", "12h", a date, or "never"
  std::vector<std::string> metadata;   // NAME=VALUE; VALUE "" takes it away
};
struct KeyArgs {
  std::string name;
  KeyChanges changes;
  std::string grace;     // of rotate: how long the old secret stays valid, "24h"; "" = not at all
  bool revoked = false;  // of list: revoked ones too
  bool force = false;    // of create and update: take a team that is not configured
  bool json = false;
  std::string config;
};
int keys_create(const KeyArgs& args);
int keys_list(const KeyArgs& args);
int keys_show(const KeyArgs& args);
int keys_update(const KeyArgs& args);
int keys_rotate(const KeyArgs& args);
int keys_revoke(const KeyArgs& args);

// The providers' own keys (cli/keys_provider.cpp).
struct ProviderKeyArgs {
  std::string name;
  std::string key_env, key_file;  // where the key comes from; "" = it is asked for
  std::string unlock;             // key-file, passphrase or desktop; "" = as it is, or a key file
  std::string
      new_passphrase_env;  // of reseal: variable with the new passphrase; "" = it is asked for, or as the old one
  bool force = false;      // of set: over one that is there
  bool yes = false;        // of delete: without asking
  bool json = false;
  std::string config;
};
int keys_provider_set(const ProviderKeyArgs& args);
int keys_provider_rotate(const ProviderKeyArgs& args);
int keys_provider_delete(const ProviderKeyArgs& args);
int keys_provider_list(const ProviderKeyArgs& args);
int keys_provider_audit(const ProviderKeyArgs& args);
int keys_provider_reseal(const ProviderKeyArgs& args);

struct RouteExplainArgs {
  std::string file;  // the request's body; "-" = standard input
  std::string config;
  std::string path = "/v1/chat/completions";
  std::vector<std::string> headers;  // "name:value"
  std::string key, team;             // names
};
int route_explain(const RouteExplainArgs& args);

struct InstallArgs {
  std::vector<std::string> clients;  // names of cli/install/clients.cpp
  std::string scope = "user";        // or project
  bool http = false;                 // an address instead of a command
  bool gateway = false;              // point the client's models here too
  bool no_mcp = false;               // leave the MCP server out
  std::string url;                   // of the gateway; "" = by the configuration
  std::string client_key_env;  // variable with the key that the client is to present; "" = none is needed
  std::string command;         // "" = this program
  bool force = false;          // over another address
  bool dry_run = false;
  std::string home, project;  // "" = this user's, this folder
  std::string config;
};
int install(const InstallArgs& args);
int uninstall(const InstallArgs& args);

struct DoctorArgs {
  bool json = false;
  bool offline = false;  // ask no provider
  std::string home;      // as of InstallArgs
  std::string config;
};
int doctor(const DoctorArgs& args);

struct InitArgs {
  std::vector<std::string> providers;   // names of vendors; none = it is asked for
  std::string base_url;                 // of vendors that have none
  std::string key_env, key_file, keep;  // the key; where it is kept: file, passphrase, desktop, environment
  std::string default_model;            // "none" = none; "" = it is asked for, or the first that is known
  std::vector<std::string> clients;     // as of InstallArgs; "none" = none
  bool gateway = false;                 // as of InstallArgs
  std::string listen;                   // "" = the usual
  std::string output;                   // "" = the user's configuration
  bool force = false;                   // over a file that is there
  std::string home;                     // of the clients
};
int init(const InitArgs& args);

int docs(const std::string& page);      // one of docs_pages()
std::vector<std::string> docs_pages();  // the pages that are made from the code

}  // namespace pb::cli
