// What concerns the MCP server's tools and their files.
#include "config/read.h"
#include "config/tool_scope.h"

namespace pb::config {
namespace {

const Node* below(const Node* node, std::string_view key) {
  return node == nullptr || node->kind != Node::Kind::map ? nullptr : node->find(key);
}

// The options that tools may change: whether there are such.
void check_configure(const Node& root, Reading& reading) {
  const Node* list = below(below(below(&root, "mcp"), "tools"), "configure");
  const std::vector<std::string>& paths = reading.out.config.mcp.tools.configure;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::string fault = tool_scope_fault(paths[i]);
    if (fault.empty()) continue;
    const bool listed = list != nullptr && i < list->items.size();
    reading.mistake(listed            ? list->items[i]
                    : list != nullptr ? *list
                                      : Node{},
                    "mcp.tools.configure[" + std::to_string(i) + "]", std::move(fault));
  }
}

}  // namespace

void check_mcp(const Node& root, Reading& reading) {
  check_configure(root, reading);
  const McpFiles& files = reading.out.config.mcp.files;
  const Node* at = below(below(&root, "mcp"), "files");
  const Node* list = below(at, "roots");
  for (std::size_t i = 0; i < files.roots.size(); ++i) {
    if (files.roots[i].starts_with('/')) continue;
    const bool listed = list != nullptr && i < list->items.size();
    reading.mistake(listed            ? list->items[i]
                    : list != nullptr ? *list
                                      : Node{},
                    "mcp.files.roots[" + std::to_string(i) + "]",
                    "must be a folder's whole path, which begins with `/`");
  }
}

}  // namespace pb::config
