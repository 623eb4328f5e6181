#include "cli/install/clients.h"

#include <algorithm>

namespace pb::cli {
namespace {

constexpr Client kClients[] = {
    {.name = "claude-desktop",
     .title = "Claude Desktop",
     .root = "config",
     .user_file = "Claude/claude_desktop_config.json",
     .http = false},
    {.name = "claude-code",
     .title = "Claude Code",
     .root = "CLAUDE_CONFIG_DIR=",
     .user_file = ".claude.json",
     .project_file = ".mcp.json",
     .stdio_type = "stdio",
     .http_type = "http",
     .key_header = "${*}",
     .gateway = GatewayIn::claude_settings},
    {.name = "cursor",
     .title = "Cursor",
     .root = "home",
     .user_file = ".cursor/mcp.json",
     .project_file = ".cursor/mcp.json",
     .key_header = "${env:*}"},
    {.name = "vscode",
     .title = "VS Code",
     .format = FileFormat::json_with_comments,
     .servers = "servers",
     .root = "config",
     .user_file = "Code/User/mcp.json",
     .project_file = ".vscode/mcp.json",
     .stdio_type = "stdio",
     .http_type = "http",
     .key_header = "${env:*}"},
    {.name = "codex",
     .title = "Codex",
     .format = FileFormat::toml,
     .servers = "mcp_servers",
     .root = "CODEX_HOME=.codex",
     .user_file = "config.toml",
     .project_file = ".codex/config.toml",
     .gateway = GatewayIn::codex_provider},
    {.name = "gemini",
     .title = "Gemini CLI",
     .format = FileFormat::json_with_comments,
     .root = "home",
     .user_file = ".gemini/settings.json",
     .project_file = ".gemini/settings.json",
     .http_type = "http",
     .key_header = "$*",
     .gateway = GatewayIn::gemini_environment},
};

std::string variable(const Places& places, const std::string& name) {
  return places.variable ? places.variable(name) : "";
}

}  // namespace

std::span<const Client> clients() { return kClients; }

const Client* find_client(std::string_view name) {
  const auto* at = std::ranges::find(kClients, name, &Client::name);
  return at == std::end(kClients) ? nullptr : at;
}

std::string client_names() {
  std::string out;
  for (const Client& c : kClients) out.append(out.empty() ? "" : ", ").append(c.name);
  return out;
}

std::string client_folder(const Client& client, const Places& places) {
  if (client.root == "home") return places.home;
  if (client.root == "config") {
    if (places.mac) return places.home + "/Library/Application Support";
    const std::string xdg = variable(places, "XDG_CONFIG_HOME");
    return xdg.empty() ? places.home + "/.config" : xdg;
  }
  const auto equals = client.root.find('=');
  std::string set = variable(places, std::string(client.root.substr(0, equals)));
  if (!set.empty()) return set;
  const std::string_view below = client.root.substr(equals + 1);
  return below.empty() ? places.home : places.home + "/" + std::string(below);
}

Result<std::string> client_file(const Client& client, Scope scope, const Places& places) {
  if (scope == Scope::user) return client_folder(client, places) + "/" + std::string(client.user_file);
  if (!client.project_file.empty()) return places.project + "/" + std::string(client.project_file);
  return fail(Code::invalid_request,
              std::string(client.title) + " has no configuration of a project; use --scope user");
}

}  // namespace pb::cli
