// Settings made while the program runs (`patchbay config set`, the admin API): kept in a file of their own, apart from the
// user's, and put over it when the configuration is loaded (config/load.h says in which order).
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/load.h"

namespace pb::config {

struct OverlayEdit {
  enum class Kind : std::uint8_t { set, unset, reset };  // reset: takes all of them away
  using Which = std::function<bool(const std::vector<std::string>& steps)>;
  Kind kind = Kind::set;
  std::string path;   // "log.level", `models."gpt-5.4"`, "routes.main.deployments[0].weight" (config/paths.h)
  std::string value;  // of set: YAML or JSON; `null` takes away what the file has there
  Which which = {};   // of reset: only the values at these paths, a list being one value; null = all
};

struct OverlayOutcome {
  enum class Refused : std::uint8_t {
    no,
    path,    // there is no such option, or nothing is set there
    value,   // it cannot stand there, or makes the whole configuration invalid
    secret,  // a secret that is written out
    failed,  // the file cannot be read or written
  };
  Refused refused = Refused::no;
  std::vector<Mistake> mistakes;   // why; empty = done
  std::vector<std::string> notes;  // worth telling: what else is wrong, what is stronger than the overlay
  std::vector<std::string> taken;  // by a reset of some: the values' paths
  bool changed = false;            // the file is another one now
  std::string file;                // the overlay's
  Config before, after;            // what is in force; the same where it was refused
};

// Changes the overlay of the configuration that `options` names: all of it is loaded as it would be then, and the file is written
// only if that brings no new mistake. Writers wait for each other (at most five seconds), and a reader never sees half a
// file. Blocks: not for an event loop. Any thread, any process.
OverlayOutcome edit_overlay(LoadOptions options, const OverlayEdit& edit, const Environment& env);

struct OverlayShown {
  std::string file;
  bool there = false;
  std::string text;                // YAML, or JSON if asked for ("{}" = nothing is set); secrets masked
  std::vector<std::string> paths;  // of all values that are set
  std::vector<Mistake> mistakes;   // why it cannot be read
};
OverlayShown show_overlay(const LoadOptions& options, const Environment& env, bool json);

}  // namespace pb::config
