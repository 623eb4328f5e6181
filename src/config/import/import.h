// Configurations of other programs, written as ours: `patchbay config import`. Pure but for the text and the environment that
// are handed in. Nothing is lost in silence: what has no place here stands in the notes. Keys are never copied, only the names
// of the variables that hold them.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace pb::config {

struct ImportNote {
  enum class Kind {
    changed,  // carried over, but not as it stood
    lost,     // not carried over
    idle,     // needs nothing here: always so, or without effect
  };
  Kind kind = Kind::lost;
  std::string path;  // "providers[0].priority", or a variable's name
  std::string what;
};

// A variable that the new file refers to: ${NAME}.
struct ImportVariable {
  std::string name;
  std::string
      from;  // where in the source its value stands ("Providers[0].api_key"); "" = the source has a variable too
};

struct Imported {
  std::string yaml;               // with the notes as comments at its top; "" when there are mistakes
  std::vector<ImportNote> notes;  // in the order of the source
  std::vector<ImportVariable> variables;
  std::vector<Mistake> mistakes;  // why the source cannot be read
};

struct ImportSource {
  std::string file;              // for messages; "" = no file, only the environment
  std::string text;              // of the file: JSON or YAML
  bool use_environment = false;  // its variables go before the file's values
};

// The formats that can be imported: "cproxy", "litellm", "claude-code-router".
std::span<const std::string_view> import_formats();
// The format of a text, by what stands in it; "" when it is none of them.
std::string_view import_format_of(const std::string& text);
// Any of them; `format` "" = import_format_of().
Imported import_config(const ImportSource& source, std::string_view format, const Environment& env);

// LiteLLM's proxy: config.yaml with model_list, router_settings, litellm_settings, general_settings, environment_variables.
Imported import_litellm(const ImportSource& source);
// claude-code-router's config.json: Providers, Router, APIKEY, HOST, PORT and the rest.
Imported import_claude_code_router(const ImportSource& source);

// cproxy, the MCP proxy server: its configuration file (server, providers, routing, cache, logging, security, monitoring) and
// its variables (ANTHROPIC_PROXY_BASE_URL, REASONING_MODEL, COMPLETION_MODEL, OPENROUTER_…, PORT, DEBUG, MCP_…).
Imported import_cproxy(const ImportSource& source, const Environment& env);
// Where cproxy looked for its file: $MCP_CONFIG_PATH, ./mcp-config.json, ./config/mcp.json, ~/.config/cproxy/mcp.json; "" = nowhere.
std::string find_cproxy_file(const Environment& env);

// One line a note, by kind, each starting with `indent`.
std::string notes_text(const std::vector<ImportNote>& notes, std::string_view indent);
// The variables to set, as the lines of a `.env` file without their values; "" when there are none.
std::string variables_text(const std::vector<ImportVariable>& variables, std::string_view indent);

}  // namespace pb::config
