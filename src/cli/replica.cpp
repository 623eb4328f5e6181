#include "cli/replica.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/ids.h"
#include "base/log.h"
#include "config/load.h"

namespace pb::cli {
namespace {

constexpr std::size_t kNameBytesMax = 64;

bool good(const std::string& name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

// The name in the file; made where there is none.
std::string name_in(const std::filesystem::path& file) {
  std::string name;
  std::ifstream(file) >> name;
  if (good(name)) return name;
  constexpr std::size_t kLetters = 12;
  name = ids::make("").substr(0, kLetters);
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream out(file, std::ios::trunc);
  out << name << "\n";
  out.close();
  if (!out)
    log::warn(log::Module::main,
              "this replica's name cannot be kept: after a restart others will take it for a new one",
              {{"file", file.string()}});
  return name;
}

}  // namespace

std::unique_ptr<gateway::shared::Replicas> make_replicas(const config::Config& config, std::size_t cores) {
  if (config.shared.url.empty()) return nullptr;
  const std::filesystem::path ledger = config::ledger_path(config, config::Environment::process());
  std::string name = name_in(ledger.parent_path() / "replica");
  return std::make_unique<gateway::shared::Replicas>(
      gateway::shared::options_of(config.shared, std::move(name), cores));
}

}  // namespace pb::cli
