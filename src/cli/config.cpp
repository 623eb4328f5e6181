// `patchbay config validate` (or `check`), `show` and `schema`.
#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/load_config.h"

namespace pb::cli {
namespace {

// Mistakes that a profile has, and the configuration without it has not.
int check_profiles(const std::string& file, const config::Loaded& plain) {
  const config::Environment env = config::Environment::process();
  int code = kOk;
  for (const std::string& name : plain.profiles) {
    config::LoadOptions options = load_options(file, env);
    options.profile = name;
    const config::Loaded loaded = config::load(options, env);
    for (const config::Mistake& m : loaded.mistakes)
      if (std::ranges::find(plain.mistakes, m) == plain.mistakes.end())
        std::fprintf(stderr, "%s\n", m.text().c_str());
    std::printf("profile %s: %zu mistake%s\n", name.c_str(), loaded.mistakes.size(),
                loaded.mistakes.size() == 1 ? "" : "s");
    if (!loaded.mistakes.empty()) code = kUsage;
  }
  return code;
}

}  // namespace

int config_validate(const ConfigCheckArgs& args) {
  const auto loaded = load_config(args.file);
  if (!loaded) return kUsage;
  const config::Config& c = loaded->config;
  std::printf("%s%s: no mistakes; %zu provider%s, %zu model name%s\n",
              c.source.empty() ? "no file" : c.source.c_str(),
              loaded->profile.empty() ? "" : (" with profile " + loaded->profile).c_str(), c.providers.size(),
              c.providers.size() == 1 ? "" : "s", c.models.size(), c.models.size() == 1 ? "" : "s");
  for (const std::string& note : loaded->notes) std::printf("note: %s\n", note.c_str());
  return args.all_profiles ? check_profiles(args.file, *loaded) : kOk;
}

int config_show(const ConfigShowArgs& args) {
  const auto loaded = load_config(args.config);
  if (!loaded) return kUsage;
  if (args.json) {
    std::fputs(config::show(loaded->config, true).c_str(), stdout);
    return kOk;
  }
  std::printf("# %s%s\n",
              loaded->config.source.empty() ? "no file: defaults and environment"
                                            : ("from " + loaded->config.source).c_str(),
              loaded->profile.empty() ? "" : (", profile " + loaded->profile).c_str());
  for (const std::string& note : loaded->notes) std::printf("# %s\n", note.c_str());
  std::fputs(config::show_with_origins(*loaded).c_str(), stdout);
  return kOk;
}

int config_schema() {
  std::fputs(config::schema_json().c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
