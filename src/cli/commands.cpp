// The table of commands. The only file that sees CLI11.
#include "cli/commands.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <memory>

#include "llm/dialect.h"
#include "llm/providers.h"

namespace pb::cli {
namespace {

using Action = std::function<int()>;

// One row a command: `define` adds its options to `app` and returns what runs it.
struct Command {
  const char* parent;  // "config" for `config validate`; "" = top level
  const char* name;
  const char* help;
  Action (*define)(CLI::App& app);
};

Action define_docs(CLI::App& app) {
  auto page = std::make_shared<std::string>();
  app.add_option("page", *page, "providers")->required()->check(CLI::IsMember({"providers"}));
  return [page] { return docs(*page); };
}

Action define_serve(CLI::App& app) {
  auto args = std::make_shared<ServeArgs>();
  app.add_option("--config", args->config, "configuration file (else $PATCHBAY_CONFIG, ./patchbay.yaml, ~/.config/patchbay/patchbay.yaml)");
  app.add_option("--listen", args->listen, "HOST:PORT to listen on, over the file's");
  app.add_option("--log-level", args->log_level, "trace, debug, info, warn, error or off");
  return [args] { return serve(*args); };
}

constexpr Command kCommands[] = {
    {"", "serve", "Run the gateway", define_serve},
    {"", "docs", "Print a page of the documentation that is made from the code", define_docs},
};

CLI::App* group(CLI::App& root, const char* name) {
  if (*name == '\0') return &root;
  const auto found = root.get_subcommands([name](const CLI::App* sub) { return sub->get_name() == name; });
  if (!found.empty()) return found.front();
  CLI::App* made = root.add_subcommand(name, "Check, show or describe the configuration");
  made->require_subcommand(1);
  return made;
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Patchbay: a gateway between AI clients and models", "patchbay");
  app.set_version_flag("--version", "patchbay " PATCHBAY_VERSION);
  app.require_subcommand(0, 1);
  Action chosen;
  for (const Command& c : kCommands) {
    CLI::App* sub = group(app, c.parent)->add_subcommand(c.name, c.help);
    sub->callback([&chosen, action = c.define(*sub)] { chosen = action; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kOk : kUsage;
  }
  if (!chosen) {
    std::fputs(app.help().c_str(), stdout);
    return kOk;
  }
  return chosen();
}

}  // namespace pb::cli
