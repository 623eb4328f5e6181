// How tools and schemas are cleaned, as JSON values: shared by the two ways of tool_rules.h.
#pragma once
#include <optional>
#include <string_view>

#include "base/json.h"
#include "llm/tool_rules.h"

namespace pb::llm {

inline constexpr std::string_view kExcludeTools = "exclude_tools";
inline constexpr std::string_view kStripFormats = "strip_schema_formats";

class ToolCleaner {
 public:
  ToolCleaner(const ToolRules& rules, json::Arena& arena) : rules_(rules), arena_(arena) {}

  bool excluded(std::string_view name) const;
  // A schema, or a value that holds some, without the formats; nullopt when there are none in it.
  std::optional<json::Value> schema(json::Value value) { return walk(value, false); }
  enum class Fate { same, changed, gone };
  // One entry of a list of tools: its schemas cleaned, tools inside it (Gemini's functionDeclarations, namespaces) taken out.
  // `out` is what it becomes when changed; gone when it is excluded or nothing is left in it.
  Fate tool(json::Value entry, json::Value& out);
  // Whether a tool choice names a tool that is taken out.
  bool names_excluded(json::Value choice) const;

  bool took_tools() const { return took_tools_; }
  bool took_formats() const { return took_formats_; }

 private:
  std::optional<json::Value> walk(json::Value value, bool names);

  const ToolRules& rules_;
  json::Arena& arena_;
  bool took_tools_ = false, took_formats_ = false;
};

}  // namespace pb::llm
