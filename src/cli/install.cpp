// `patchbay install` and `uninstall`: Patchbay in the configuration of the programs that can use it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "cli/install/apply.h"
#include "cli/install/targets.h"
#include "cli/load_config.h"

namespace pb::cli {
namespace {

int complain(const Error& error) {
  std::fprintf(stderr, "patchbay: %s\n", error.message.c_str());
  return error.code == Code::invalid_request ? kUsage : kFailed;
}

void list_clients(const Places& places) {
  std::printf("Say which of these; a * marks those that have a file here:\n");
  for (const Client& c : clients()) {
    const auto file = client_file(c, Scope::user, places);
    std::error_code ignored;
    const bool there = file && std::filesystem::exists(*file, ignored);
    std::printf("%c %-15s %-15s %s\n", there ? '*' : ' ', std::string(c.name).c_str(),
                std::string(c.title).c_str(), file ? file->c_str() : "");
  }
}

// Writes what has changed, or shows it.
Result<void> carry_out(const std::vector<FileChange>& changes, const InstallArgs& args,
                       const Client& client) {
  for (const FileChange& change : changes) {
    const std::string title(client.title);
    if (!change.note.empty())
      std::printf("%s: %s %s\n", title.c_str(), change.file.c_str(), change.note.c_str());
    if (!change.changed() && !change.note.empty()) continue;
    if (!change.changed()) {
      std::printf("%s: %s is as it should be\n", title.c_str(), change.file.c_str());
      continue;
    }
    if (args.dry_run) {
      std::printf("%s: %s would be %s:\n%s", title.c_str(), change.file.c_str(),
                  change.after.empty() ? "removed" : "changed", difference(change).c_str());
      continue;
    }
    TRY_ASSIGN(const std::string copy, write_client_file(change));
    std::printf("%s: %s %s%s\n", title.c_str(), change.after.empty() ? "removed" : "written",
                change.file.c_str(), copy.empty() ? "" : (", the old one is kept as " + copy).c_str());
  }
  return {};
}

Result<std::vector<const Client*>> chosen(const std::vector<std::string>& names) {
  std::vector<const Client*> out;
  for (const std::string& name : names) {
    const Client* client = find_client(name);
    if (client == nullptr)
      return fail(Code::invalid_request, "no client is named `" + name + "`; there are " + client_names());
    out.push_back(client);
  }
  return out;
}

Result<std::vector<FileChange>> planned(const Client& client, const InstallTarget& target,
                                        const InstallArgs& args, bool install) {
  std::vector<FileChange> out;
  if (!args.no_mcp) {
    TRY_ASSIGN(const std::string file, client_file(client, target.scope, target.places));
    TRY_ASSIGN(FileChange change, install ? plan_server(client, file, target.server, read_client_file)
                                          : plan_no_server(client, file, read_client_file));
    out.push_back(std::move(change));
  }
  // A scope has no address of its own: it is the user's.
  if (install ? args.gateway : target.scope == Scope::user) {
    // Codex has both in one file: what was planned first is what the second starts from.
    const ReadFile read = [&out](const std::string& file) -> Result<std::optional<std::string>> {
      for (const FileChange& c : out)
        if (c.file == file) return c.after.empty() && !c.before ? std::nullopt : std::optional(c.after);
      return read_client_file(file);
    };
    TRY_ASSIGN(auto more, install ? plan_gateway(client, target.places, target.gateway, read)
                                  : plan_no_gateway(client, target.places, target.gateway.url, read));
    for (FileChange& change : more) {
      const auto same = std::ranges::find(out, change.file, &FileChange::file);
      if (same != out.end())
        same->after = std::move(change.after);
      else if (install || change.changed() || !change.note.empty())
        out.push_back(std::move(change));
    }
  }
  return out;
}

int run(const InstallArgs& args, bool install) {
  const auto target = install_target(args, install);
  if (!target) return complain(target.error());
  if (args.clients.empty()) {
    list_clients(target->places);
    return kUsage;
  }
  const auto names = chosen(args.clients);
  if (!names) return complain(names.error());
  // All is planned before anything is written: one broken file leaves the others alone, too.
  std::vector<std::vector<FileChange>> plans;
  for (const Client* client : *names) {
    auto plan = planned(*client, *target, args, install);
    if (!plan) return complain(plan.error());
    if (install)
      if (const auto good = check_no_secret(*target, *plan); !good) return complain(good.error());
    plans.push_back(std::move(*plan));
  }
  for (std::size_t i = 0; i < plans.size(); ++i)
    if (const auto done = carry_out(plans[i], args, *(*names)[i]); !done) return complain(done.error());
  if (install && !args.dry_run) std::printf("Start the program anew, so that it reads its file again.\n");
  return kOk;
}

}  // namespace

int install(const InstallArgs& args) { return run(args, true); }
int uninstall(const InstallArgs& args) { return run(args, false); }

}  // namespace pb::cli
