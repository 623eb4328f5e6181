#include "llm/tool_rules_values.h"

#include <algorithm>

#include "base/strings.h"

namespace pb::llm {
namespace {

template <std::size_t N>
bool among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Members of a schema that hold examples of data, not schemas.
constexpr std::string_view kData[] = {"const", "enum", "default", "example", "examples", "input_examples"};
// Those whose members are named by the user.
constexpr std::string_view kNamed[] = {"properties", "patternProperties", "$defs", "definitions",
                                       "dependentSchemas"};
// Where entries of a list of tools keep further tools.
constexpr std::string_view kInner[] = {"functionDeclarations", "function_declarations", "tools"};

std::string_view name_of(json::Value entry) {
  const json::Value name = entry["name"];
  return name.is_string() ? name.as_string() : entry["function"]["name"].as_string();
}

}  // namespace

bool ToolCleaner::excluded(std::string_view name) const {
  return !name.empty() && std::any_of(rules_.exclude_tools.begin(), rules_.exclude_tools.end(),
                                      [&](const std::string& pattern) { return glob(pattern, name); });
}

// `names`: the members of `value` are named by the user, so a `format` there is no keyword.
std::optional<json::Value> ToolCleaner::walk(json::Value value, bool names) {
  if (rules_.strip_schema_formats.empty()) return std::nullopt;
  bool changed = false;
  const auto keep = [&](json::Value v, std::optional<json::Value> cleaned) {
    changed = changed || cleaned;
    return cleaned.value_or(v);
  };
  if (value.is_array()) {
    std::vector<json::Value> items;
    for (const json::Value item : value.items()) items.push_back(keep(item, walk(item, false)));
    if (!changed) return std::nullopt;
    return json::Value::array(arena_, items);
  }
  std::vector<json::Member> members;
  for (const json::Member& m : value.members()) {
    const auto& formats = rules_.strip_schema_formats;
    if (!names && m.key == "format" && m.value.is_string() &&
        std::find(formats.begin(), formats.end(), m.value.as_string()) != formats.end()) {
      changed = took_formats_ = true;
      continue;
    }
    const bool data = !names && among(kData, m.key);
    members.push_back({m.key, data ? m.value : keep(m.value, walk(m.value, !names && among(kNamed, m.key)))});
  }
  if (!changed) return std::nullopt;
  return json::Value::object(arena_, members);
}

ToolCleaner::Fate ToolCleaner::tool(json::Value entry, json::Value& out) {
  if (excluded(name_of(entry))) {
    took_tools_ = true;
    return Fate::gone;
  }
  std::vector<json::Member> members;
  bool changed = false, emptied = false;
  for (const json::Member& m : entry.members()) {
    if (!m.value.is_array() || !among(kInner, m.key)) {
      members.push_back(m);
      continue;
    }
    std::vector<json::Value> inner;
    bool touched = false;
    for (json::Value t : m.value.items()) {
      const Fate fate = tool(t, t);
      touched = touched || fate != Fate::same;
      if (fate != Fate::gone) inner.push_back(t);
    }
    changed = changed || touched;
    emptied = emptied || (touched && inner.empty());
    if (!touched)
      members.push_back(m);
    else if (!inner.empty())
      members.push_back({m.key, json::Value::array(arena_, inner)});
  }
  // Gemini's entry may hold other tools beside the functions; a namespace without tools is nothing.
  if (emptied && (members.empty() || entry.has("name"))) return Fate::gone;
  out = changed ? json::Value::object(arena_, members) : entry;
  const auto cleaned = walk(out, false);
  if (cleaned) out = *cleaned;
  return changed || cleaned ? Fate::changed : Fate::same;
}

bool ToolCleaner::names_excluded(json::Value choice) const {
  if (choice.is_string()) return excluded(choice.as_string());
  if (choice.is_array())
    return std::any_of(choice.items().begin(), choice.items().end(),
                       [&](json::Value v) { return names_excluded(v); });
  for (const json::Member& m : choice.members())
    if ((m.key != "type" && m.key != "mode") && names_excluded(m.value)) return true;
  return false;
}

}  // namespace pb::llm
