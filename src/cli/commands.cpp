// The table of commands; those that set Patchbay up are in commands_setup.cpp. No other file sees CLI11.
#include "cli/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/command_row.h"

namespace pb::cli {
namespace {

Action define_serve(CLI::App& app) {
  auto args = make_args<ServeArgs>();
  app.add_option(
      "--config", args->config,
      "configuration file (else $PATCHBAY_CONFIG, ./patchbay.yaml, ~/.config/patchbay/patchbay.yaml)");
  app.add_option("--listen", args->listen, "HOST:PORT to listen on, over the file's");
  app.add_option("--log-level", args->log_level, "trace, debug, info, warn, error or off");
  return [args] { return serve(*args); };
}

Action define_mcp(CLI::App& app) {
  auto args = make_args<McpArgs>();
  app.add_option("--config", args->config, "configuration file");
  app.add_option("--log-level", args->log_level, "trace, debug, info, warn, error or off");
  return [args] { return mcp(*args); };
}

Action define_sim(CLI::App& app) {
  auto args = make_args<SimArgs>();
  app.add_option("--listen", args->listen, "HOST:PORT to listen on; port 0 takes any free one")
      ->capture_default_str();
  app.add_option("--scenario", args->scenario, "scenario file");
  app.add_option("--threads", args->threads, "threads; 0 = one per core")->check(CLI::Range(0, 1024));
  return [args] { return sim(*args); };
}

Action define_validate(CLI::App& app) {
  auto args = make_args<ConfigCheckArgs>();
  app.alias("check");
  app.add_option("--config,file", args->file, "the file; left out: the one that serve would take");
  app.add_flag("--all-profiles", args->all_profiles, "with each of its profiles in turn");
  return [args] { return config_validate(*args); };
}

// Of the commands about the overlay; `run` is one of them.
template <int (*run)(const ConfigEditArgs&), int words>
Action define_edit(CLI::App& app) {
  auto args = make_args<ConfigEditArgs>();
  if (words > 0)
    app.add_option("path", args->path,
                   "the option: log.level, routes.main.deployments[0].weight, 'models.\"gpt-5.4\"'")
        ->required();
  if (words > 1)
    app.add_option("value", args->value,
                   "as it would stand in the file: 5, true, 30s, '[a, b]', '{use: a/b}', null")
        ->required();
  if (words == 0) app.add_flag("--json", args->json, "as JSON instead of YAML");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return run(*args); };
}

Action define_show(CLI::App& app) {
  auto args = make_args<ConfigShowArgs>();
  app.add_option("--config,file", args->config, "the file; left out: the one that serve would take");
  app.add_flag("--json", args->json, "as JSON instead of YAML");
  return [args] { return config_show(*args); };
}

Action define_import(CLI::App& app) {
  auto args = make_args<ConfigImportArgs>();
  app.add_option(
      "file", args->file,
      "configuration of LiteLLM, claude-code-router or cproxy; left out without --env: looked for where "
      "cproxy did");
  app.add_option("--format", args->format,
                 "litellm, claude-code-router or cproxy; left out: told by its content")
      ->check(CLI::IsMember({"litellm", "claude-code-router", "cproxy"}));
  app.add_flag("--env", args->environment, "take its environment variables too, before the file's values");
  app.add_option("--output", args->output, "file to write; left out: standard output");
  app.add_flag("--force", args->force, "write over an existing file");
  return [args] { return config_import(*args); };
}

Action define_schema(CLI::App&) { return config_schema; }

Action define_models(CLI::App& app) {
  auto args = make_args<ModelsArgs>();
  app.add_option("--config", args->config, "configuration file");
  app.add_flag("--json", args->json, "as JSON");
  return [args] { return models(*args); };
}

Action define_usage(CLI::App& app) {
  auto args = make_args<UsageArgs>();
  app.add_option(
         "--by", args->by,
         "columns to add up by: day, provider, model, key, team, route, status; left out: provider,model")
      ->delimiter(',')
      ->check(CLI::IsMember({"day", "provider", "model", "key", "team", "route", "status"}));
  app.add_option("--since", args->since, "90m, 12h, 7d, 2w ago, or a date such as 2026-11-20");
  app.add_option("--until", args->until, "the same; a date includes its day");
  app.add_option("--provider", args->provider, "only this provider");
  app.add_option("--model", args->model, "only this model");
  app.add_option("--key", args->key, "only this client key");
  app.add_option("--team", args->team, "only this team");
  app.add_option("--route", args->route, "only this route");
  app.add_option("--status", args->status, "only answers of this status: 429, 4xx, errors");
  app.add_flag("--json", args->json, "as JSON");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return usage(*args); };
}

Action define_status(CLI::App& app) {
  auto args = make_args<StatusArgs>();
  app.add_option("--url", args->url, "http://HOST:PORT of the gateway; left out: by the configuration");
  app.add_flag("--once", args->once, "print it once instead of keeping the screen up to date");
  app.add_flag("--json", args->json, "as JSON, once");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return status(*args); };
}

void key_options(CLI::App& app, KeyArgs& args) {
  KeyChanges& c = args.changes;
  app.add_option("--team", c.team, "team that its requests count for");
  app.add_option("--models", c.models,
                 "models it may ask for: names with `*`, separated by commas; \"\" = all");
  app.add_option("--tools", c.tools,
                 "tools its requests may have: names with `*`, separated by commas; \"\" = all");
  app.add_option("--rpm", c.requests_per_minute, "requests a minute; 0 = any number")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--tpm", c.tokens_per_minute, "tokens a minute")->check(CLI::NonNegativeNumber);
  app.add_option("--rpd", c.requests_per_day, "requests a day (UTC)")->check(CLI::NonNegativeNumber);
  app.add_option("--tpd", c.tokens_per_day, "tokens a day (UTC)")->check(CLI::NonNegativeNumber);
  app.add_option("--concurrency", c.concurrency, "requests at a time")->check(CLI::NonNegativeNumber);
  app.add_option("--budget", c.budget, "US dollars it may spend")->check(CLI::NonNegativeNumber);
  app.add_option("--per", c.per, "the budget's period: day, month (unless given) or total, of UTC")
      ->check(CLI::IsMember({"day", "month", "total"}));
  app.add_option("--expires", c.expires, "30m, 12h, 30d, 8w from now, a date such as 2027-01-31, or never");
  app.add_option("--metadata", c.metadata, "a note, as NAME=VALUE; may be given several times");
}

// Options that all commands about keys have; `run` is one of them.
template <int (*run)(const KeyArgs&), bool named = true, bool changes = false>
Action define_key(CLI::App& app) {
  auto args = make_args<KeyArgs>();
  if (named) app.add_option("name", args->name, "the key's name")->required();
  if (changes) key_options(app, *args);
  if (changes) app.add_flag("--force", args->force, "take a team that is not in the configuration");
  if (run == keys_rotate)
    app.add_option("--grace", args->grace, "the old secret stays valid for this long: 30m, 24h, 7d");
  if (run == keys_list) app.add_flag("--revoked", args->revoked, "revoked ones too");
  app.add_flag("--json", args->json, "as JSON");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return run(*args); };
}

Action define_route_explain(CLI::App& app) {
  auto args = make_args<RouteExplainArgs>();
  app.add_option("file", args->file, "the request's body; - for standard input")->required();
  app.add_option("--config", args->config, "configuration file");
  app.add_option("--path", args->path, "path that it is sent to")->capture_default_str();
  app.add_option("--header", args->headers, "header of the request, name:value; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--key", args->key, "name of the client's key");
  app.add_option("--team", args->team, "team of the client's key");
  return [args] { return route_explain(*args); };
}

Action define_docs(CLI::App& app) {
  auto page = make_args<std::string>();
  app.add_option("page", *page, "the page")->required()->check(CLI::IsMember(docs_pages()));
  return [page] { return docs(*page); };
}

constexpr Command kCommands[] = {
    {"", "serve", "Run the gateway", define_serve},
    {"", "mcp", "Serve MCP over standard input and output, for a client that starts this program",
     define_mcp},
    {"", "sim", "Run the simulator: a provider without a model, for tests", define_sim},
    {"", "models", "List the models that can be asked for by name, with their prices", define_models},
    {"", "status", "Show what the running gateway is doing: deployments, limits, the last requests",
     define_status},
    {"", "usage",
     "Print what was asked and what it cost, by day, provider, model, key, team, route or status",
     define_usage},
    {"keys", "create", "Make a key for a client and print its secret, which is shown this once",
     define_key<keys_create, true, true>},
    {"keys", "list", "List the keys", define_key<keys_list, false>},
    {"keys", "show", "Print all that is known of a key", define_key<keys_show>},
    {"keys", "update", "Change a key's team, rights, limits, expiry or notes",
     define_key<keys_update, true, true>},
    {"keys", "rotate", "Give a key a new secret and print it", define_key<keys_rotate>},
    {"keys", "revoke", "End a key", define_key<keys_revoke>},
    {"config", "validate", "Print every mistake of a configuration file; exit code 0 or 2", define_validate},
    {"config", "show", "Print the configuration in force, secrets masked, and where each value comes from",
     define_show},
    {"config", "set", "Set an option over the file's; a running gateway takes it at once",
     define_edit<config_set, 2>},
    {"config", "unset", "Take away what `set` has set: the file's value counts again",
     define_edit<config_unset, 1>},
    {"config", "reset", "Take away all that `set` has set", define_edit<config_reset, 0>},
    {"config", "overlay", "Print what `set` has set", define_edit<config_overlay, 0>},
    {"config", "import", "Write a configuration from that of LiteLLM, claude-code-router or cproxy",
     define_import},
    {"config", "schema", "Print the JSON Schema of the configuration file", define_schema},
    {"route", "explain", "Print step by step where a request would go, and why", define_route_explain},
    {"", "docs", "Print a page of the documentation that is made from the code", define_docs},
};

constexpr std::pair<std::string_view, const char*> kGroups[] = {
    {"keys", "Make, list, change or end the keys that clients present, and store those of providers"},
    {"keys provider", "Store, replace, list or delete the keys of providers, encrypted"},
    {"route", "Explain where requests go"},
    {"config", "Check, show or describe the configuration"},
};

// Of "keys provider": `provider` below `keys`, each made when it is first needed.
CLI::App* group(CLI::App& root, std::string_view path) {
  if (path.empty()) return &root;
  const std::size_t space = path.rfind(' ');
  CLI::App* parent = space == path.npos ? &root : group(root, path.substr(0, space));
  const std::string name(path.substr(space == path.npos ? 0 : space + 1));
  const auto found =
      parent->get_subcommands([&name](const CLI::App* sub) { return sub->get_name() == name; });
  if (!found.empty()) return found.front();
  const auto* help = std::ranges::find(kGroups, path, &std::pair<std::string_view, const char*>::first);
  CLI::App* made = parent->add_subcommand(name, help == std::end(kGroups) ? "" : help->second);
  made->require_subcommand(1);
  return made;
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Patchbay: a gateway between AI clients and models", "patchbay");
  app.set_version_flag("--version", "patchbay " PATCHBAY_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();  // so that it may stand behind any command
  std::string profile;
  app.add_option("--profile", profile, "profile of the configuration, over $PATCHBAY_PROFILE");
  Action chosen;
  for (const std::span<const Command> table : {std::span<const Command>(kCommands), setup_commands()})
    for (const Command& c : table) {
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
  // What loads a configuration asks the environment; nothing else runs yet.
  if (!profile.empty()) ::setenv("PATCHBAY_PROFILE", profile.c_str(), 1);
  return chosen();
}

}  // namespace pb::cli
