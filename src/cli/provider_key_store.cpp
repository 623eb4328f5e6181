#include "cli/provider_key_store.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "cli/load_config.h"
#include "cli/terminal.h"
#include "store/request_query.h"

namespace pb::cli {
namespace {

// What decides where the store is, and what makes the file unreadable.
bool concerns_place(const config::Mistake& m) {
  return m.path.empty() || m.path.starts_with("key_store") || m.path == "server" ||
         m.path == "server.data_dir" || m.path == "ledger" || m.path == "ledger.path" ||
         m.path.starts_with("--profile");
}

KeyFileView look_at(const std::string& path, std::string fault) {
  KeyFileView out{path, {}, std::move(fault)};
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) return out;
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777u);
  out.mode = mode;
  return out;
}

std::string folder_fault(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0) return "cannot be looked at";
  if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
    return "others can replace files in it: chmod go-w " + path;
  return {};
}

std::int64_t last_use(const std::string& ledger, const std::vector<std::string>& providers) {
  std::int64_t last = 0;
  for (const std::string& p : providers) {
    const auto rows = store::read_requests(ledger, {.provider = p}, 0, 1);
    if (rows && !rows->empty()) last = std::max(last, rows->front().row.time_ms);
  }
  return last;
}

}  // namespace

Result<KeyStorePlace> find_key_store(const std::string& config) {
  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  env.stored_keys = nullptr;
  KeyStorePlace out{.load = load_options(config, env), .place = {}};
  const config::Loaded loaded = config::load(out.load, env);
  for (const config::Mistake& m : loaded.mistakes)
    if (concerns_place(m)) return fail(Code::invalid_request, m.text());
  out.place = config::key_store_place(loaded.config, env);
  std::error_code ignored;
  out.there = std::filesystem::exists(out.place.path, ignored);
  if (!out.place.passphrase && has_terminal())
    out.place.passphrase = [path = out.place.path] { return ask_secret("Passphrase of " + path); };
  return out;
}

Result<std::optional<KeyViews>> read_key_views(const KeyStorePlace& at, bool with_ledger) {
  TRY_ASSIGN(auto keys, store::read_provider_keys(at.place));
  if (!keys) return std::nullopt;
  KeyViews out{std::move(*keys), {}, {}};
  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  env.stored_keys = [&out](const store::KeyPlace&) -> Result<std::optional<store::ProviderKeys>> {
    return out.keys;  // no second passphrase
  };
  const config::Loaded loaded = config::load(at.load, env);
  const std::string ledger = config::ledger_path(loaded.config, env);
  for (const store::ProviderKey& k : out.keys.keys) {
    StoredKeyView v{k.name, k.secret.masked(), {}, k.set_ms, k.rotated_ms, 0};
    for (const config::Provider& p : loaded.config.providers) {
      if (!p.api_key.empty() && p.api_key.equals(k.secret.reveal())) {
        v.used_by.push_back(p.name);
      } else if (p.name == k.name) {
        const auto from = loaded.origins.find("providers." + p.name + ".api_key");
        out.hints.push_back("provider " + p.name + " has another key, which goes first" +
                            (from == loaded.origins.end() ? "" : ": " + from->second));
      }
    }
    if (v.used_by.empty() && loaded.mistakes.empty())
      out.hints.push_back("nothing uses the key " + k.name +
                          "; a provider takes it with api_key: \"${keyring:" + k.name + "}\"");
    if (with_ledger) v.used_ms = last_use(ledger, v.used_by);
    out.views.push_back(std::move(v));
  }
  return out;
}

std::vector<KeyFileView> key_files(const KeyStorePlace& at, store::Unlock unlock) {
  const auto folder = [](const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? std::string(".") : parent;
  };
  std::vector<KeyFileView> out;
  out.push_back(look_at(at.place.path, store::privacy_fault(at.place.path)));
  if (unlock == store::Unlock::key_file)
    out.push_back(look_at(at.place.key_file, store::privacy_fault(at.place.key_file)));
  std::vector<std::string> folders = {folder(at.place.path)};
  if (unlock == store::Unlock::key_file && folder(at.place.key_file) != folders[0])
    folders.push_back(folder(at.place.key_file));
  for (const std::string& f : folders) out.push_back(look_at(f, folder_fault(f)));
  return out;
}

std::string user_name() {
  char buffer[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr)
    return entry.pw_name;
  return "uid " + std::to_string(::getuid());
}

}  // namespace pb::cli
