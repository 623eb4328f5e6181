// `patchbay init`: from nothing to a configuration that works. What no flag says is asked for where there is a terminal.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/whole_file.h"
#include "cli/commands.h"
#include "cli/init_file.h"
#include "cli/install/clients.h"
#include "cli/provider_key_store.h"
#include "cli/terminal.h"
#include "config/read.h"
#include "llm/providers.h"

namespace pb::cli {
namespace {

constexpr std::string_view kKeeps[] = {"file", "passphrase", "desktop", "environment"};

int complain(const Error& error) {
  std::fprintf(stderr, "patchbay init: %s\n", error.message.c_str());
  return error.code == Code::invalid_request ? kUsage : kFailed;
}

std::unexpected<Error> wrong(std::string what) { return fail(Code::invalid_request, std::move(what)); }

std::string variable(std::string_view name) {
  const char* value = name.empty() ? nullptr : std::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

std::string vendor_names() {
  std::string out;
  for (const llm::Vendor& v : llm::vendors()) out.append(out.empty() ? "" : ", ").append(v.name);
  return out;
}

// What is offered first: a vendor whose key is in the environment already.
std::string likely_vendor() {
  for (const llm::Vendor& v : llm::vendors())
    if (!v.local && !v.shared_key && !variable(v.key_env).empty()) return std::string(v.name);
  return std::string(llm::vendors().front().name);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(", ", at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Result<std::string> output_file(const InitArgs& args) {
  std::string out = args.output;
  if (out.empty()) {
    const std::string xdg = variable("XDG_CONFIG_HOME"), home = variable("HOME");
    if (xdg.empty() && home.empty()) return wrong("HOME is not set; say with --output where to write");
    out = (xdg.empty() ? home + "/.config" : xdg) + "/patchbay/patchbay.yaml";
  }
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored) && !args.force)
    return wrong(out + " is there already; --force writes over it, --output writes another");
  return out;
}

Result<std::vector<std::string>> choose_providers(const InitArgs& args) {
  std::vector<std::string> out = args.providers;
  if (out.empty() && !has_terminal()) return wrong("give --provider NAME: one of " + vendor_names());
  if (out.empty()) {
    std::fprintf(stderr, "Providers: %s\n", vendor_names().c_str());
    TRY_ASSIGN(const std::string answer,
               ask("Which provider (several: separated by commas)", likely_vendor()));
    out = split(answer);
  }
  std::vector<std::string_view> known;
  for (const llm::Vendor& v : llm::vendors()) known.push_back(v.name);
  for (const std::string& name : out)
    if (llm::find_vendor(name) == nullptr)
      return wrong("no provider is named `" + name + "`; " + config::suggestion(name, known, "there are"));
  return out;
}

Result<std::string> choose_keep(const InitArgs& args) {
  std::string out = args.keep;
  if (out.empty() && has_terminal()) {
    std::fprintf(stderr,
                 "Where is the key to be kept?\n"
                 "  file         encrypted, opened by a file that only you can read\n"
                 "  passphrase   encrypted, opened by a passphrase\n"
                 "  desktop      encrypted, opened by the desktop's keyring\n"
                 "  environment  not kept: it is in a variable whenever Patchbay starts\n");
    TRY_ASSIGN(out, ask("Where", "file"));
  }
  if (out.empty()) out = "file";
  if (std::ranges::find(kKeeps, out) == std::end(kKeeps))
    return wrong("--keep is file, passphrase, desktop or environment");
  return out;
}

// The provider's key: of the flags, else of its vendor's variable, else it is asked for.
Result<std::string> take_key(const InitArgs& args, const llm::Vendor& vendor) {
  SecretSource source{args.key_env, args.key_file};
  if (source.variable.empty() && source.file.empty() && !variable(vendor.key_env).empty()) {
    bool use = true;
    if (has_terminal()) {
      TRY_ASSIGN(use, ask_yes("Take the key from " + std::string(vendor.key_env) + "?", true));
    }
    if (use) source.variable = vendor.key_env;
  }
  TRY_ASSIGN(std::string key,
             take_secret(source, "The key of " + std::string(vendor.title),
                         "give --key-env VARIABLE, --key-file FILE (\"-\" is standard input), or set " +
                             std::string(vendor.key_env)));
  if (const std::string fault = config::key_fault(key); !fault.empty()) return wrong(fault);
  return key;
}

// Where keys are stored unless the configuration says otherwise, which this one will not.
store::KeyPlace usual_key_store() {
  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  env.stored_keys = nullptr;
  return config::key_store_place(config::load("", env).config, env);
}

bool is_there(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

// `keep` "": as what is there is locked.
Result<void> keep_key(const std::string& name, const std::string& key, const std::string& keep) {
  using store::Unlock;
  store::KeyPlace place = usual_key_store();
  const bool there = is_there(place.path);
  if (!place.passphrase && has_terminal())
    place.passphrase = [path = place.path, there]() -> Result<std::string> {
      TRY_ASSIGN(std::string text, take_secret({}, "Passphrase for " + path, "", !there));
      ::setenv("PATCHBAY_KEYS_PASSPHRASE", text.c_str(), 1);  // for what follows
      return text;
    };
  const std::optional<Unlock> unlock = keep.empty()           ? std::nullopt
                                       : keep == "passphrase" ? std::optional(Unlock::passphrase)
                                       : keep == "desktop"    ? std::optional(Unlock::desktop)
                                                              : std::optional(Unlock::key_file);
  return store::change_provider_keys(place, unlock, [&](store::ProviderKeys& keys) -> Result<void> {
    const std::int64_t now = unix_ms();
    store::ProviderKey* old = keys.find(name);
    if (old != nullptr && old->secret.equals(key)) return {};
    keys.events.push_back({now, old == nullptr ? "set" : "rotate", name, user_name()});
    if (old == nullptr)
      keys.keys.push_back({name, Secret(key), now, 0});
    else
      *old = {name, Secret(key), old->set_ms, now};
    return {};
  });
}

// One entry of `providers:`, its key kept.
Result<InitProvider> make_provider(const InitArgs& args, const std::string& name, std::string& keep) {
  const llm::Vendor& vendor = *llm::find_vendor(name);
  InitProvider out{name, args.base_url, ""};
  const bool own_address = !vendor.base_url.empty() || vendor.auth == llm::Auth::none;
  if (out.base_url.empty() && !own_address && variable(vendor.base_url_env).empty()) {
    if (!has_terminal()) return wrong(name + " has no address of its own: give --base-url URL");
    TRY_ASSIGN(out.base_url, ask("Address (base URL) of " + std::string(vendor.title)));
  }
  if (!out.base_url.empty())
    if (const std::string fault = config::url_fault(out.base_url); !fault.empty())
      return wrong("--base-url: " + fault);
  if (vendor.auth == llm::Auth::none || vendor.local) return out;
  // A store that is there has its lock already.
  if (keep.empty() && !is_there(usual_key_store().path)) {
    TRY_ASSIGN(keep, choose_keep(args));
  }
  if (keep == "environment") {
    const std::string from = !args.key_env.empty() ? args.key_env : std::string(vendor.key_env);
    if (from.empty()) return wrong("give --key-env VARIABLE: the one that will hold the key");
    out.api_key = "${" + from + "}";
    return out;
  }
  TRY_ASSIGN(const std::string key, take_key(args, vendor));
  TRY(keep_key(name, key, keep));
  out.api_key = "${keyring:" + name + "}";
  return out;
}

Result<std::string> choose_default_model(const InitArgs& args, const std::vector<std::string>& providers) {
  if (args.default_model == "none") return std::string();
  if (!args.default_model.empty()) return args.default_model;
  std::string first = first_model(providers.front());
  if (!has_terminal()) return first;
  TRY_ASSIGN(const std::string answer, ask("Model for names that are not known (none: such are refused)",
                                           first.empty() ? "none" : first));
  return answer == "none" ? std::string() : answer;
}

Result<std::vector<std::string>> choose_clients(const InitArgs& args) {
  std::vector<std::string> out = args.clients;
  if (out.empty() && has_terminal()) {
    std::fprintf(stderr, "Clients: %s\n", client_names().c_str());
    TRY_ASSIGN(const std::string answer, ask("Into which of them is Patchbay to be put", "none"));
    out = split(answer);
  }
  std::erase(out, "none");
  for (const std::string& name : out)
    if (find_client(name) == nullptr)
      return wrong("no client is named `" + name + "`; there are " + client_names());
  return out;
}

struct Answers {
  std::string output;
  InitFile file;
  std::vector<std::string> clients;
};

Result<Answers> gather(const InitArgs& args) {
  Answers out;
  TRY_ASSIGN(out.output, output_file(args));
  TRY_ASSIGN(const auto providers, choose_providers(args));
  TRY_ASSIGN(out.clients, choose_clients(args));  // before anything is kept: a slip costs nothing
  if (!args.listen.empty() && !config::parse_address(args.listen)) return wrong("--listen takes HOST:PORT");
  if (providers.size() > 1 && (!args.key_env.empty() || !args.key_file.empty() || !args.base_url.empty()))
    return wrong(
        "--key-env, --key-file and --base-url are for one provider; run `patchbay keys provider set` "
        "for the others");
  out.file.listen = args.listen;
  TRY_ASSIGN(out.file.default_model, choose_default_model(args, providers));
  std::string keep = args.keep;
  if (!keep.empty()) {
    TRY_ASSIGN(keep, choose_keep(args));
  }
  for (const std::string& name : providers) {
    TRY_ASSIGN(InitProvider p, make_provider(args, name, keep));
    out.file.providers.push_back(std::move(p));
  }
  return out;
}

}  // namespace

int init(const InitArgs& args) {
  const auto answers = gather(args);
  if (!answers) return complain(answers.error());
  const std::string text = answers->file.text();
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(answers->output).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (const auto written = replace_file(answers->output, text); !written) return complain(written.error());
  std::printf("written: %s\n", answers->output.c_str());

  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  const config::Loaded loaded = config::load(answers->output, env);
  if (!loaded.mistakes.empty()) std::printf("Before it can run:\n");
  for (const config::Mistake& m : loaded.mistakes)
    std::printf("- %s: %s\n", m.path.empty() ? answers->output.c_str() : m.path.c_str(), m.what.c_str());

  int code = kOk;
  if (!answers->clients.empty()) {
    InstallArgs more;
    more.clients = answers->clients;
    more.config = answers->output;
    more.home = args.home;
    code = install(more);
    if (code == kOk && args.gateway) {
      // Those that have no place for it are left as they are.
      std::erase_if(more.clients,
                    [](const std::string& name) { return find_client(name)->gateway == GatewayIn::nowhere; });
      more.gateway = more.no_mcp = true;
      if (!more.clients.empty()) code = install(more);
    }
  }
  std::printf(
      "Next: `patchbay serve --config %s`; `patchbay doctor --config %s` looks whether all is well.\n",
      answers->output.c_str(), answers->output.c_str());
  return code;
}

}  // namespace pb::cli
