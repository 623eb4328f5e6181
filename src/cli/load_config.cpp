#include "cli/load_config.h"

#include <cstdio>

namespace pb::cli {
namespace {

std::optional<config::Loaded> load_with(const std::string& path, const config::Environment& env,
                                        std::vector<config::Override> overrides) {
  config::Loaded loaded = config::load(load_options(path, env, std::move(overrides)), env);
  if (loaded.mistakes.empty()) return loaded;
  for (const config::Mistake& m : loaded.mistakes) std::fprintf(stderr, "%s\n", m.text().c_str());
  std::fprintf(stderr, "patchbay: %zu mistake%s in the configuration\n", loaded.mistakes.size(),
               loaded.mistakes.size() == 1 ? "" : "s");
  return std::nullopt;
}

}  // namespace

config::LoadOptions load_options(const std::string& path, const config::Environment& env,
                                 std::vector<config::Override> overrides) {
  return {.file = config::find_file(path, env), .profile = {}, .overrides = std::move(overrides)};
}

std::optional<config::Loaded> load_config(const std::string& path, std::vector<config::Override> overrides) {
  return load_with(path, config::Environment::process(), std::move(overrides));
}

std::optional<config::Loaded> load_config_quietly(const std::string& path,
                                                  std::vector<config::Override> overrides) {
  config::Environment env = config::Environment::process();
  env.probe = nullptr;
  return load_with(path, env, std::move(overrides));
}

}  // namespace pb::cli
