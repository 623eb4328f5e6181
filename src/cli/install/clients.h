// The programs that Patchbay can be put into: where each keeps its configuration, and how an MCP server stands there. One row a program.
// Pure but for what Places was filled with.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pb::cli {

enum class FileFormat { json, json_with_comments, toml };
enum class Scope { user, project };
// How a client is told where to ask for models.
enum class GatewayIn { nowhere, claude_settings, codex_provider, gemini_environment };

struct Client {
  std::string_view name;   // "claude-code"
  std::string_view title;  // "Claude Code"
  FileFormat format = FileFormat::json;
  std::string_view servers = "mcpServers";  // the member that holds the servers by name
  // Below the place that `root` stands for; "" = there is none.
  std::string_view
      root;  // "home", "config" (XDG's, or macOS's Application Support), or NAME=FOLDER of a variable and its default below home
  std::string_view user_file, project_file = {};
  std::string_view stdio_type = {};  // the member `type` of a server that is a command; "" = it has none
  std::string_view http_type = {};   // the same of one with an address
  bool http = true;                  // it can have servers with addresses
  std::string_view key_header = {};  // how its file refers to a variable: "${env:*}"
  GatewayIn gateway = GatewayIn::nowhere;
};

std::span<const Client> clients();
const Client* find_client(std::string_view name);
std::string client_names();  // "claude-desktop, claude-code, …"

struct Places {
  std::string home, project;
  std::function<std::string(const std::string&)> variable;  // "" = not set; null: none counts
  bool mac = false;
};
// Error{invalid_request}: it has no file of that scope.
Result<std::string> client_file(const Client& client, Scope scope, const Places& places);
// The folder that `root` stands for.
std::string client_folder(const Client& client, const Places& places);

}  // namespace pb::cli
