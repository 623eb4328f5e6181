#include "cli/load_config.h"

#include <cstdio>

namespace pb::cli {

std::optional<config::Loaded> load_config(const std::string& path,
                                          const std::vector<config::Override>& overrides) {
  const config::Environment env = config::Environment::process();
  config::Loaded loaded = config::load(config::find_file(path, env), env, overrides);
  if (loaded.mistakes.empty()) return loaded;
  for (const config::Mistake& m : loaded.mistakes) std::fprintf(stderr, "%s\n", m.text().c_str());
  std::fprintf(stderr, "patchbay: %zu mistake%s in the configuration\n", loaded.mistakes.size(),
               loaded.mistakes.size() == 1 ? "" : "s");
  return std::nullopt;
}

}  // namespace pb::cli
