#include "llm/tool_names.h"

#include "base/json.h"

namespace pb::llm {
namespace {

constexpr std::string_view kInner[] = {"functionDeclarations", "function_declarations", "tools"};
constexpr int kDepthMax = 8;

void add(std::vector<std::string>& out, json::Value tools, int depth);

void add_one(std::vector<std::string>& out, json::Value tool, int depth) {
  bool inner = false;
  for (std::string_view key : kInner)
    if (tool[key].is_array()) {
      inner = true;
      add(out, tool[key], depth + 1);
    }
  for (std::string_view key : {"function", "custom"})
    if (tool[key].is_object() && tool[key]["name"].is_string())
      return out.emplace_back(tool[key]["name"].as_string()), void();
  for (std::string_view key : {"name", "server_label", "type"})
    if (tool[key].is_string()) {
      if (key != "type" || !inner) out.emplace_back(tool[key].as_string());
      return;
    }
  if (inner) return;
  for (const json::Member& m : tool.members()) out.emplace_back(m.key);  // Gemini's {"googleSearch": {}}
}

void add(std::vector<std::string>& out, json::Value tools, int depth) {
  if (depth > kDepthMax) return;
  for (const json::Value tool : tools.items())
    if (tool.is_object()) add_one(out, tool, depth);
}

}  // namespace

std::vector<std::string> tool_names(std::string_view body) {
  std::vector<std::string> out;
  json::Arena arena;
  const auto root = json::parse(body, arena);
  if (!root || !root->is_object()) return out;
  add(out, (*root)["tools"], 0);
  for (const json::Value f : (*root)["functions"].items())  // of OpenAI's older requests
    if (f["name"].is_string()) out.emplace_back(f["name"].as_string());
  for (const json::Value s : (*root)["mcp_servers"].items())  // of Anthropic's
    if (s["name"].is_string()) out.emplace_back(s["name"].as_string());
  if ((*root)["web_search_options"].is_object()) out.emplace_back("web_search");
  return out;
}

}  // namespace pb::llm
