// The commands of the program: each is a plain function in its own file (cli/serve.cpp, …) that takes its arguments as a
// struct and returns the process's exit code. The table in commands.cpp gives them names, options and help.
#pragma once
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

struct SimArgs {
  std::string listen = "127.0.0.1:9000";  // --listen
  std::string scenario;                   // --scenario FILE; "" = none
  int threads = 0;                        // --threads; 0 = one per core
};
int sim(const SimArgs& args);

struct UsageArgs {
  std::vector<std::string> by;       // --by day,provider,model,key
  std::string since, until;          // "7d", "12h" or a date "2026-11-20"; "" = open
  std::string provider, model, key;  // "" = all
  bool json = false;
  std::string config;
};
int usage(const UsageArgs& args);

int config_validate(const std::string& path);  // "" = the file that serve would take

struct ConfigShowArgs {
  std::string config;
  bool json = false;
};
int config_show(const ConfigShowArgs& args);
int config_schema();

struct ConfigImportArgs {
  std::string file;          // "" with --env = none; "" without = where cproxy looked for it
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

int docs(const std::string& page);      // one of docs_pages()
std::vector<std::string> docs_pages();  // the pages that are made from the code

}  // namespace pb::cli
