// Whatever the file holds, loading it ends with a configuration or with mistakes that can be told, and what is in force can
// be shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.h"
#include "config/load.h"

namespace {

pb::config::Environment environment() {
  pb::config::Environment env;
  env.get = [](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY" || name == "GROQ_API_KEY") return "value-of-a-variable";
    return std::nullopt;
  };
  env.probe = [](const std::string&, int port) { return port % 2 == 0; };
  return env;
}

// The same with each of its profiles.
void check_profiles(const std::string& text, const pb::config::Loaded& plain) {
  for (const std::string& name : plain.profiles) {
    pb::config::Environment env = environment();
    env.get = [get = env.get, &name](const std::string& variable) -> std::optional<std::string> {
      return variable == "PATCHBAY_PROFILE" ? name : get(variable);
    };
    const pb::config::Loaded loaded = pb::config::load_text(text, "fuzz.yaml", env);
    if (loaded.mistakes.empty() && show_with_origins(loaded).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pb::config::Environment env = environment();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const pb::config::Loaded loaded = pb::config::load_text(text, "fuzz.yaml", env);
  for (const pb::config::Mistake& m : loaded.mistakes)
    if (m.what.empty() || m.text().empty()) std::abort();
  if (loaded.profiles.size() < 4) check_profiles(text, loaded);
  if (!loaded.mistakes.empty()) return 0;
  if (loaded.config.providers.empty()) std::abort();
  for (const pb::config::Model& m : loaded.config.models)
    if (m.provider >= loaded.config.providers.size() || m.model.empty()) std::abort();
  for (const pb::config::Provider& p : loaded.config.providers)
    if (p.vendor == nullptr || p.formats.empty() || (p.base_url.empty() && !loaded.config.simulator))
      std::abort();
  const std::string shown = show(loaded.config, true);
  pb::json::Arena arena;
  if (!pb::json::parse(shown, arena)) std::abort();
  if (show(loaded.config, false).empty()) std::abort();
  return 0;
}
