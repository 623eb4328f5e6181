// From file, environment and defaults to a Config; and what is wrong with it, all mistakes at once.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "config/config.h"
#include "store/provider_keys.h"

namespace pb::config {

struct Mistake {
  std::string file;  // "" for the environment
  int line = 0;      // 1-based; 0 = not known
  int column = 0;
  std::string path;          // "providers.up.base_url"
  std::string what;          // "unknown key; did you mean `base_url`?"
  std::string text() const;  // "patchbay.yaml:3:5: providers.up.base_ur: unknown key; …"
  bool operator==(const Mistake&) const = default;
  bool operator<(const Mistake& other) const {  // in the order of the files; those of the environment first
    return std::tie(file, line, column, path, what) <
           std::tie(other.file, other.line, other.column, other.path, other.what);
  }
};

struct Environment {
  // Looks up a variable; nullopt when unset. A function, so that tests need not touch the process.
  std::function<std::optional<std::string>(const std::string&)> get;
  // True when something accepts connections at host:port (local providers); may be null: none are probed.
  std::function<bool(const std::string& host, int port)> probe;
  // The stored keys of providers; may be null: there are none.
  std::function<Result<std::optional<store::ProviderKeys>>(const store::KeyPlace& place)> stored_keys;
  static Environment process();
};

struct Loaded {
  Config config;
  std::vector<Mistake> mistakes;      // empty = usable
  std::vector<std::string> notes;     // worth a line in the log: "provider groq: key from GROQ_API_KEY"
  std::string profile;                // that was chosen; "" = none
  std::vector<std::string> profiles;  // that there are
  std::string overlay;                // the file of the overlay, there or not; "" = none was asked for
  std::vector<std::string>
      files;  // all that were looked at, there or not: a change of one is a change of the whole
  std::map<std::string, std::string>
      origins;  // option -> where its value comes from: "patchbay.yaml:3", "overlay"
};

// A value from the command line: it wins over environment and file.
struct Override {
  std::string path;  // "server.listen"
  std::string value;
  std::string from;  // "--listen", for messages
};

// Finds the file: `explicit_path`, else $PATCHBAY_CONFIG, ./patchbay.yaml, ~/.config/patchbay/patchbay.yaml (or .yml, .json).
// "" = none. An explicit file that is missing is a mistake of load().
std::string find_file(const std::string& explicit_path, const Environment& env);

// What a configuration is put together from, each over the one before: the program's defaults, the file, the profile (a part of
// the file, then a file beside it), the overlay (config/overlay.h), the environment, the command line.
struct LoadOptions {
  std::string file;     // "" = none
  std::string profile;  // "" = $PATCHBAY_PROFILE, else none
  std::vector<Override> overrides = {};
  bool with_overlay = true;
  std::string overlay = {};                      // its file; "" = beside the ledger
  std::optional<std::string> overlay_text = {};  // instead of what stands in that file
};
Loaded load(const LoadOptions& options, const Environment& env);
// One file, without an overlay.
Loaded load(const std::string& path, const Environment& env, const std::vector<Override>& overrides = {});
// The same from text (tests, fuzzing); `path` is for messages. No other file is looked at.
Loaded load_text(const std::string& text, const std::string& path, const Environment& env,
                 const std::vector<Override>& overrides = {});
// Where the data lives: server.data_dir, else $XDG_DATA_HOME/patchbay, else ~/.local/share/patchbay.
std::string data_dir(const Config& config, const Environment& env);
std::string ledger_path(const Config& config,
                        const Environment& env);  // ledger.path, else data_dir/patchbay.db
std::string keys_path(const Config& config, const Environment& env);     // keys.db beside the ledger
std::string export_dir(const Config& config, const Environment& env);    // where tools may write reports
std::string overlay_path(const Config& config, const Environment& env);  // overlay.yaml beside the ledger
// Where the providers' keys are stored: key_store.path, else provider-keys beside the ledger; and what opens them: the passphrase of
// PATCHBAY_KEYS_PASSPHRASE or of the file that PATCHBAY_KEYS_PASSPHRASE_FILE names, the key file of key_store.key_file, else
// provider-keys.key in the folder of the user's configuration.
store::KeyPlace key_store_place(const Config& config, const Environment& env);
// "127.0.0.1:8000", "[::1]:0", "localhost:8000" -> host (no brackets) and port; nullopt when it is none.
struct HostPort {
  std::string host;
  int port = 0;
  bool loopback() const;  // 127.0.0.0/8, ::1, localhost
};
std::optional<HostPort> parse_address(std::string_view text);

std::string schema_json();                   // JSON Schema 2020-12 of the file
std::string show(const Config&, bool json);  // the effective configuration, secrets masked
std::string show_with_origins(
    const Loaded&);            // as YAML, with a comment behind each value that tells where it comes from
std::string reference_page();  // docs/configuration.md

}  // namespace pb::config
