// The commands that set Patchbay up: the first configuration, the providers' keys, other programs' files, the look at all of it.
#include <CLI/CLI.hpp>

#include "cli/command_row.h"
#include "cli/commands.h"

namespace pb::cli {
namespace {

constexpr bool kNamed = true, kTakesKey = true;

// Of the commands about the providers' keys; `run` is one of them.
template <int (*run)(const ProviderKeyArgs&), bool named = false, bool takes_key = false>
Action define_provider_key(CLI::App& app) {
  auto args = make_args<ProviderKeyArgs>();
  if (named)
    app.add_option("name", args->name, "the provider's name in the configuration, or its vendor's: openai")
        ->required();
  if (takes_key) {
    app.add_option("--key-env", args->key_env, "variable that holds the key; it is not asked for then");
    app.add_option("--key-file", args->key_file, "file that holds the key; - for standard input")
        ->excludes("--key-env");
  }
  if (run == keys_provider_set || run == keys_provider_reseal) {
    CLI::Option* unlock =
        app.add_option("--unlock", args->unlock,
                       "what opens the encrypted file: key-file (a file that only you can read), "
                       "passphrase, or desktop (the desktop's keyring)")
            ->check(CLI::IsMember({"key-file", "passphrase", "desktop"}));
    if (run == keys_provider_reseal) unlock->required();
  }
  if (run == keys_provider_set) app.add_flag("--force", args->force, "over a key that is stored already");
  if (run == keys_provider_reseal)
    app.add_option("--new-passphrase-env", args->new_passphrase_env,
                   "variable that holds the new passphrase");
  if (run == keys_provider_delete) app.add_flag("--yes", args->yes, "without asking");
  if (run == keys_provider_list || run == keys_provider_audit) app.add_flag("--json", args->json, "as JSON");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return run(*args); };
}

template <int (*run)(const InstallArgs&)>
Action define_install(CLI::App& app) {
  auto args = make_args<InstallArgs>();
  const bool install_it = run == install;
  app.add_option("clients", args->clients,
                 "claude-desktop, claude-code, cursor, vscode, codex, gemini; left out: what there is");
  app.add_option("--scope", args->scope, "user: for all of this user's work; project: for this folder")
      ->check(CLI::IsMember({"user", "project"}))
      ->capture_default_str();
  app.add_flag("--dry-run", args->dry_run, "show what would be changed, and change nothing");
  app.add_option("--url", args->url, "http://HOST:PORT of the gateway; left out: by the configuration");
  app.add_flag("--no-mcp", args->no_mcp, "leave the MCP server out");
  app.add_option("--home", args->home, "another home folder than this user's");
  app.add_option("--project", args->project, "another folder than this one");
  app.add_option("--config", args->config, "configuration file");
  if (!install_it) return [args] { return run(*args); };
  app.add_flag("--http", args->http,
               "as an address (http://…/mcp) instead of a command, where the client can");
  app.add_flag("--gateway", args->gateway,
               "also have the client ask for its models here: Claude Code, Codex, Gemini CLI");
  app.add_option("--client-key-env", args->client_key_env,
                 "variable with the key of Patchbay's that the client is to present");
  app.add_option("--command", args->command, "the program to start; left out: this one");
  app.add_flag("--force", args->force, "over another address or provider that stands there");
  return [args] { return run(*args); };
}

Action define_doctor(CLI::App& app) {
  auto args = make_args<DoctorArgs>();
  app.add_flag("--offline", args->offline, "ask no provider");
  app.add_flag("--json", args->json, "as JSON");
  app.add_option("--home", args->home, "another home folder than this user's, for the clients' files");
  app.add_option("--config", args->config, "configuration file");
  return [args] { return doctor(*args); };
}

Action define_init(CLI::App& app) {
  auto args = make_args<InitArgs>();
  app.add_option("--provider", args->providers,
                 "openai, anthropic, …: docs/providers.md; several: separated by commas")
      ->delimiter(',');
  app.add_option("--base-url", args->base_url, "address of a provider that has none of its own");
  app.add_option("--key-env", args->key_env, "variable that holds the key");
  app.add_option("--key-file", args->key_file, "file that holds the key; - for standard input")
      ->excludes("--key-env");
  app.add_option("--keep", args->keep, "where the key is kept: file, passphrase, desktop or environment")
      ->check(CLI::IsMember({"file", "passphrase", "desktop", "environment"}));
  app.add_option("--default-model", args->default_model,
                 "provider/model for names that are not known; or none");
  app.add_option("--clients", args->clients, "clients to put Patchbay into, separated by commas; or none")
      ->delimiter(',');
  app.add_flag("--gateway", args->gateway, "also have them ask for their models here, where they can");
  app.add_option("--listen", args->listen, "HOST:PORT to listen on");
  app.add_option("--output", args->output, "file to write; left out: ~/.config/patchbay/patchbay.yaml");
  app.add_flag("--force", args->force, "write over an existing file");
  app.add_option("--home", args->home, "another home folder than this user's, for the clients' files");
  return [args] { return init(*args); };
}

constexpr Command kCommands[] = {
    {"", "init",
     "Write a configuration, store a provider's key and install Patchbay into clients; asks for what no flag "
     "says",
     define_init},
    {"", "doctor",
     "Look whether configuration, keys, providers, files, address and clients are as they should be; exit "
     "code 0 or 1",
     define_doctor},
    {"", "install",
     "Put Patchbay into the configuration of Claude Desktop, Claude Code, Cursor, VS Code, Codex or Gemini "
     "CLI",
     define_install<install>},
    {"", "uninstall", "Take it out again", define_install<uninstall>},
    {"keys provider", "set", "Store a provider's key in the encrypted file",
     define_provider_key<keys_provider_set, kNamed, kTakesKey>},
    {"keys provider", "rotate", "Replace a stored key; a running gateway takes the new one at once",
     define_provider_key<keys_provider_rotate, kNamed, kTakesKey>},
    {"keys provider", "delete", "Delete a stored key", define_provider_key<keys_provider_delete, kNamed>},
    {"keys provider", "list", "List the stored keys, masked", define_provider_key<keys_provider_list>},
    {"keys provider", "audit",
     "Print when keys were set, replaced and last used, and who can read the files; exit code 0 or 1",
     define_provider_key<keys_provider_audit>},
    {"keys provider", "reseal", "Lock the stored keys with something else, or a new passphrase",
     define_provider_key<keys_provider_reseal>},
};

}  // namespace

std::span<const Command> setup_commands() { return kCommands; }

}  // namespace pb::cli
