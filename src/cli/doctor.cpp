// `patchbay doctor`: looks at all that has to be right, and says what to do about what is not.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "cli/doctor/check.h"
#include "cli/load_config.h"
#include "cli/terminal.h"

namespace pb::cli {

int doctor(const DoctorArgs& args) {
  config::Environment env = config::Environment::process();
  DoctorOptions options{load_options(args.config, env), !args.offline, args.home};
  // A passphrase is asked for where somebody can be asked, once for all that follows.
  const auto stored = env.stored_keys;
  env.stored_keys = [&stored](store::KeyPlace place) {
    if (!place.passphrase && has_terminal())
      place.passphrase = [path = place.path]() -> Result<std::string> {
        TRY_ASSIGN(std::string text, ask_secret("Passphrase of " + path));
        ::setenv("PATCHBAY_KEYS_PASSPHRASE", text.c_str(), 1);
        return text;
      };
    return stored(place);
  };
  const config::Loaded loaded = config::load(options.load, env);
  Checks checks = check_configuration(options, loaded);
  const auto add = [&checks](Checks more) { checks.insert(checks.end(), more.begin(), more.end()); };
  add(check_key_store(options, loaded));
  add(check_folders(loaded));
  add(check_port(loaded.config));
  add(check_providers(loaded, options.online));
  add(check_clients(options, loaded));
  std::fputs((args.json ? doctor_json(checks) : doctor_text(checks)).c_str(), stdout);
  for (const Check& c : checks)
    if (c.health == Health::bad) return kFailed;
  return kOk;
}

}  // namespace pb::cli
