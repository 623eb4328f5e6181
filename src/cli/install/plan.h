// What is to be changed in a client's files, worked out from their texts. Pure.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/install/clients.h"

namespace pb::cli {

inline constexpr const char* kServerName = "patchbay";

// Patchbay as an MCP server: a command, or an address.
struct ServerEntry {
  std::string command;            // absolute
  std::vector<std::string> args;  // "mcp", "--config", …
  std::string url;                // not empty: an address instead of the command
  std::string key_variable;       // of the client's environment, with the key to present; "" = none is needed
};

// Patchbay as the place that models are asked at.
struct GatewayEntry {
  std::string url;           // "http://127.0.0.1:8000"
  std::string key_variable;  // as above
  std::string key;           // a key of Patchbay's own, for clients whose file takes no variable
  bool force = false;        // over another address or provider
};

struct FileChange {
  std::string file;
  std::optional<std::string> before;  // nullopt: it was not there
  std::string after;                  // "" = it goes
  std::string note = {};              // what the user should know of it
  bool changed() const { return before.value_or("") != after; }
};

// Gives the text of a file; nullopt: it is not there.
using ReadFile = std::function<Result<std::optional<std::string>>(const std::string& file)>;

// Errors, of all: invalid_request, with the file, and line and column where it is broken. Nothing else in a file is changed: the new text is
// compared with the old one before it is given out.
Result<FileChange> plan_server(const Client& client, const std::string& file, const ServerEntry& entry,
                               const ReadFile& read);
Result<FileChange> plan_no_server(const Client& client, const std::string& file, const ReadFile& read);
Result<std::vector<FileChange>> plan_gateway(const Client& client, const Places& places,
                                             const GatewayEntry& entry, const ReadFile& read);
// Takes away what leads to `url`; another address is left, and told in the change's note.
Result<std::vector<FileChange>> plan_no_gateway(const Client& client, const Places& places,
                                                const std::string& url, const ReadFile& read);

// A fault of a file's text, with the file: "mcp.json:3:5: what" of "3:5: what".
Error in_file(Error error, const std::string& file);

// The entry as it stands in a file, for `patchbay doctor`.
struct FoundServer {
  bool there = false;
  std::string command, url;
  std::vector<std::string> args;
};
Result<FoundServer> find_server(const Client& client, const std::string& text);

}  // namespace pb::cli
