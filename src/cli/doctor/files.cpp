// The configuration, the stored keys, the folders and the database.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/whole_file.h"
#include "cli/doctor/check.h"
#include "cli/provider_key_store.h"
#include "config/paths.h"
#include "store/request_query.h"

namespace pb::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMistakesShown = 20;

bool others_can_read(const std::string& path) {
  struct stat st{};
  return ::stat(path.c_str(), &st) == 0 && (st.st_mode & 077) != 0;
}

// Where a file has a key written out; "" = nowhere.
std::string written_key(const std::string& file) {
  const auto text = read_whole(file, 4u << 20);
  if (!text || !*text) return {};
  std::vector<config::Mistake> ignored;
  const config::Node root = config::read_yaml(**text, file, ignored);
  return root.kind == config::Node::Kind::map ? config::written_secret({}, root) : std::string();
}

Check check_written_keys(const std::string& file) {
  Check out{"configuration", file, Health::good, "no key is written out in it", ""};
  const std::string path = written_key(file);
  if (path.empty()) return out;
  const bool open = others_can_read(file);
  out.health = open ? Health::bad : Health::warning;
  out.what = path + " is written out" + (open ? ", and others can read the file" : "");
  out.advice = std::string(open ? "chmod 600 " + file + "; better, " : "") +
               "store it with `patchbay keys provider set NAME` and write \"${keyring:NAME}\" there";
  return out;
}

// The folder itself, or the one that it would be made in.
std::string existing(std::string path) {
  std::error_code failed;
  while (!path.empty() && !fs::exists(path, failed)) {
    const std::string up = fs::path(path).parent_path().string();
    if (up == path) break;
    path = up;
  }
  return path.empty() ? "." : path;
}

Check check_folder(const std::string& path) {
  Check out{"files", path, Health::good, "can be written", ""};
  const std::string there = existing(path);
  struct stat st{};
  if (::stat(there.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) {
    return {"files", path, Health::bad, there + " is no folder", "set server.data_dir to a folder"};
  }
  if (::access(there.c_str(), W_OK | X_OK) != 0)
    return {"files", path, Health::bad, there + " cannot be written by this user",
            "chown or chmod it, or set server.data_dir to another folder"};
  if (there != path) out.what = "is made with the first start";
  if (there == path && (st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
    return {"files", path, Health::warning, "others can replace files in it", "chmod go-w " + path};
  return out;
}

Check check_ledger(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return {"files", path, Health::good, "the ledger is made with the first request", ""};
  const auto rows = store::read_requests(path, {}, 0, 1);
  if (!rows)
    return {"files", path, Health::bad, "the ledger cannot be read: " + rows.error().message,
            "is it a database, and this user's? Move it away to begin a new one"};
  if (others_can_read(path))
    return {"files", path, Health::warning, "others can read the ledger", "chmod 600 " + path};
  return {"files", path, Health::good, "the ledger can be read", ""};
}

}  // namespace

Checks check_configuration(const DoctorOptions& options, const config::Loaded& loaded) {
  Checks out;
  const std::string& file = options.load.file;
  const std::string name = file.empty() ? "no file" : file;
  for (const config::Mistake& m : loaded.mistakes) {
    if (m.path == "key_store" && m.line == 0) continue;  // told with the keys
    if (out.size() == kMistakesShown) break;
    out.push_back({"configuration", name, Health::bad, m.text(), "docs/configuration.md lists all options"});
  }
  if (out.empty()) {
    const std::size_t n = loaded.config.providers.size();
    out.push_back({"configuration", name, Health::good,
                   "no mistakes; " + std::to_string(n) + (n == 1 ? " provider" : " providers"), ""});
  }
  if (file.empty())
    out.push_back({"configuration", name, Health::note, "defaults and the environment are used",
                   "`patchbay init` writes one"});
  else
    out.push_back(check_written_keys(file));
  return out;
}

Checks check_key_store(const DoctorOptions& options, const config::Loaded& loaded) {
  const config::Environment env = config::Environment::process();
  KeyStorePlace at{options.load, config::key_store_place(loaded.config, env), false};
  std::error_code ignored;
  at.there = fs::exists(at.place.path, ignored);
  Checks out;
  if (!at.there) {
    bool refers = false;
    for (const config::Mistake& m : loaded.mistakes) refers = refers || m.what.contains("is stored");
    out.push_back({"keys", at.place.path, refers ? Health::bad : Health::note, "no key is stored",
                   "`patchbay keys provider set NAME` stores one, encrypted"});
    return out;
  }
  const auto views = read_key_views(at, false);
  if (!views) {
    out.push_back({"keys", at.place.path, Health::bad, views.error().message,
                   "docs/provider-keys.md says what opens it"});
    return out;
  }
  const store::Unlock unlock = (*views)->keys.unlock;
  out.push_back({"keys", at.place.path, Health::good,
                 std::to_string((*views)->views.size()) + " stored, locked with " +
                     std::string(store::to_string(unlock)),
                 ""});
  for (const KeyFileView& f : key_files(at, unlock))
    if (!f.fault.empty()) {
      const auto advice = f.fault.find("chmod ");
      out.push_back({"keys", f.path, Health::bad, f.fault,
                     advice == f.fault.npos ? "make it this user's" : f.fault.substr(advice)});
    }
  for (const std::string& hint : (*views)->hints)
    out.push_back({"keys", at.place.path, Health::note, hint, ""});
  return out;
}

Checks check_folders(const config::Loaded& loaded) {
  const config::Environment env = config::Environment::process();
  Checks out = {check_folder(config::data_dir(loaded.config, env))};
  const std::string ledger = config::ledger_path(loaded.config, env);
  const std::string beside = fs::path(ledger).parent_path().string();
  if (!beside.empty() && beside != config::data_dir(loaded.config, env)) out.push_back(check_folder(beside));
  if (loaded.config.ledger.enabled) out.push_back(check_ledger(ledger));
  return out;
}

}  // namespace pb::cli
