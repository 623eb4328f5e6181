// `patchbay config validate`, `show` and `schema`.
#include <cstdio>

#include "cli/commands.h"
#include "cli/load_config.h"

namespace pb::cli {

int config_validate(const std::string& path) {
  const auto loaded = load_config(path);
  if (!loaded) return kUsage;
  const config::Config& c = loaded->config;
  std::printf("%s: no mistakes; %zu provider%s, %zu model name%s\n",
              c.source.empty() ? "no file" : c.source.c_str(), c.providers.size(),
              c.providers.size() == 1 ? "" : "s", c.models.size(), c.models.size() == 1 ? "" : "s");
  for (const std::string& note : loaded->notes) std::printf("note: %s\n", note.c_str());
  return kOk;
}

int config_show(const ConfigShowArgs& args) {
  const auto loaded = load_config(args.config);
  if (!loaded) return kUsage;
  if (!args.json) {
    std::printf("# %s\n", loaded->config.source.empty() ? "no file: defaults and environment"
                                                        : ("from " + loaded->config.source).c_str());
    for (const std::string& note : loaded->notes) std::printf("# %s\n", note.c_str());
  }
  std::fputs(config::show(loaded->config, args.json).c_str(), stdout);
  return kOk;
}

int config_schema() {
  std::fputs(config::schema_json().c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
