// From file, environment and defaults to a Config; and what is wrong with it, all mistakes at once.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"

namespace pb::config {

struct Mistake {
  std::string file;  // "" for the environment
  int line = 0;      // 1-based; 0 = not known
  int column = 0;
  std::string path;  // "providers.up.base_url"
  std::string what;  // "unknown key; did you mean `base_url`?"
  std::string text() const;  // "patchbay.yaml:3:5: providers.up.base_ur: unknown key; …"
};

struct Environment {
  // Looks up a variable; nullopt when unset. A function, so that tests need not touch the process.
  std::function<std::optional<std::string>(const std::string&)> get;
  // True when something accepts connections at host:port (local providers); may be null: none are probed.
  std::function<bool(const std::string& host, int port)> probe;
  static Environment process();
};

struct Loaded {
  Config config;
  std::vector<Mistake> mistakes;  // empty = usable
  std::vector<std::string> notes; // worth a line in the log: "provider groq: key from GROQ_API_KEY"
};

// Finds the file: `explicit_path`, else $PATCHBAY_CONFIG, ./patchbay.yaml, ~/.config/patchbay/patchbay.yaml (or .yml, .json).
// "" = none. An explicit file that is missing is a mistake of load().
std::string find_file(const std::string& explicit_path, const Environment& env);
Loaded load(const std::string& path, const Environment& env);
// The same from text (tests, fuzzing); `path` is for messages.
Loaded load_text(const std::string& text, const std::string& path, const Environment& env);

std::string schema_json();                    // JSON Schema 2020-12 of the file
std::string show(const Config&, bool json);   // the effective configuration, secrets masked
std::string reference_page();                 // docs/configuration.md

}  // namespace pb::config
