// `patchbay config set`, `unset`, `reset` and `overlay`: settings over those of the file.
#include <cstdio>

#include "cli/commands.h"
#include "cli/live_config.h"
#include "cli/load_config.h"
#include "config/overlay.h"

namespace pb::cli {
namespace {

using config::OverlayEdit;
using config::OverlayOutcome;

int edit(const ConfigEditArgs& args, OverlayEdit::Kind kind) {
  const config::Environment env = config::Environment::process();
  const OverlayOutcome done =
      config::edit_overlay(load_options(args.config, env), {kind, args.path, args.value}, env);
  for (const config::Mistake& m : done.mistakes) std::fprintf(stderr, "%s\n", m.text().c_str());
  if (done.refused != OverlayOutcome::Refused::no) {
    std::fputs("patchbay: nothing was changed\n", stderr);
    return done.refused == OverlayOutcome::Refused::failed ? kFailed : kUsage;
  }
  std::printf("%s: %s\n", done.file.c_str(), done.changed ? "written" : "as it was");
  for (const std::string& note : done.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  const std::string later = done.changed ? needs_restart(done.before, done.after) : "";
  if (!later.empty()) std::fprintf(stderr, "note: waits for the next start: %s\n", later.c_str());
  return kOk;
}

}  // namespace

int config_set(const ConfigEditArgs& args) { return edit(args, OverlayEdit::Kind::set); }
int config_unset(const ConfigEditArgs& args) { return edit(args, OverlayEdit::Kind::unset); }
int config_reset(const ConfigEditArgs& args) { return edit(args, OverlayEdit::Kind::reset); }

int config_overlay(const ConfigEditArgs& args) {
  const config::Environment env = config::Environment::process();
  const config::OverlayShown shown = config::show_overlay(load_options(args.config, env), env, args.json);
  for (const config::Mistake& m : shown.mistakes) std::fprintf(stderr, "%s\n", m.text().c_str());
  if (!shown.mistakes.empty()) return kFailed;
  if (!args.json)
    std::printf("# %s%s\n", shown.file.c_str(), shown.there ? "" : ": not there, nothing is set");
  std::fputs(shown.text.c_str(), stdout);
  return kOk;
}

}  // namespace pb::cli
