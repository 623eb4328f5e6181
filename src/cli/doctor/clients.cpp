// What stands about Patchbay in the files of the programs that use it.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "cli/doctor/check.h"
#include "cli/install/apply.h"
#include "cli/install/targets.h"

namespace pb::cli {
namespace {

// As the programs look for it: a name alone is one of PATH's folders'.
bool can_start(const std::string& command) {
  if (command.contains('/')) return ::access(command.c_str(), X_OK) == 0;
  const char* set = std::getenv("PATH");
  std::istringstream folders(set == nullptr ? "" : set);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access(folder.append("/").append(command).c_str(), X_OK) == 0) return true;
  return false;
}

Check check_entry(const Client& client, const std::string& file, const FoundServer& found) {
  Check out{"clients", std::string(client.title), Health::good, "", ""};
  const std::string again = "`patchbay install " + std::string(client.name) + "` mends it";
  if (!found.there) {
    out.health = Health::note;
    out.what = file + " does not have Patchbay";
    out.advice = "`patchbay install " + std::string(client.name) + "` puts it there";
    return out;
  }
  if (!found.url.empty()) {
    out.what = "uses " + found.url;
    return out;
  }
  out.what = "starts " + found.command;
  if (!can_start(found.command)) {
    out.health = Health::bad;
    out.what += ", which is not there or cannot be started";
    out.advice = again;
    return out;
  }
  for (std::size_t i = 0; i + 1 < found.args.size(); ++i) {
    std::error_code ignored;
    if (found.args[i] != "--config" || std::filesystem::exists(found.args[i + 1], ignored)) continue;
    out.health = Health::bad;
    out.what += " with the configuration " + found.args[i + 1] + ", which is not there";
    out.advice = again;
  }
  return out;
}

}  // namespace

Checks check_clients(const DoctorOptions& options, const config::Loaded& loaded) {
  constexpr std::size_t kShortest = 8;
  const Places places = find_places(options.home, "");
  Checks out;
  for (const Client& client : clients()) {
    const auto file = client_file(client, Scope::user, places);
    if (!file) continue;
    const auto text = read_client_file(*file);
    if (!text) {
      out.push_back({"clients", std::string(client.title), Health::bad, text.error().message, ""});
      continue;
    }
    if (!*text) continue;  // most likely not installed
    const auto found = find_server(client, **text);
    if (!found) {
      out.push_back({"clients", std::string(client.title), Health::bad, in_file(found.error(), *file).message,
                     "mend the file: the program cannot read it either"});
      continue;
    }
    out.push_back(check_entry(client, *file, *found));
    for (const config::Provider& p : loaded.config.providers)
      if (p.api_key.reveal().size() >= kShortest && (*text)->contains(p.api_key.reveal()))
        out.push_back({"clients", std::string(client.title), Health::bad,
                       *file + " holds the key of provider " + p.name,
                       "take it out of there, and replace the key at the provider"});
  }
  if (out.empty()) out.push_back({"clients", "none", Health::note, "no client's file was found", ""});
  return out;
}

}  // namespace pb::cli
