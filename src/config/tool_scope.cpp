#include "config/tool_scope.h"

#include <algorithm>

namespace pb::config {
namespace {

constexpr std::string_view kOption = "mcp.tools.configure";

// With dots also where a step holds some: `mcp."tools.configure"` is taken for what it looks like.
std::string dotted(const Steps& steps) {
  std::string out;
  for (const std::string& s : steps) out += (out.empty() ? "" : ".") + s;
  return out;
}

bool at_or_below(std::string_view text, std::string_view place) {
  return text.starts_with(place) && (text.size() == place.size() || text[place.size()] == '.');
}

bool at_or_below(const Steps& steps, const Steps& place) {
  return steps.size() >= place.size() && std::ranges::equal(std::span(steps).first(place.size()), place);
}

}  // namespace

std::string tool_scope_fault(std::string_view path) {
  const auto steps = parse_path(path);
  if (!steps) return steps.error().message;
  if (const Spot spot = spot_at(*steps); !spot.fault.empty()) return spot.fault;
  return at_or_below(dotted(*steps), kOption) ? "tools may never change what they may change" : "";
}

ToolScope::ToolScope(const std::vector<std::string>& paths) {
  for (const std::string& path : paths)
    if (tool_scope_fault(path).empty()) places_.push_back(*parse_path(path));
}

bool ToolScope::covers(const Steps& place) const {
  const std::string text = dotted(place);
  if (at_or_below(text, kOption) || at_or_below(kOption, text)) return false;
  return std::ranges::any_of(places_, [&](const Steps& listed) { return at_or_below(place, listed); });
}

std::string ToolScope::text() const {
  std::string out;
  for (const Steps& steps : places_) out += (out.empty() ? "" : ", ") + path_text(steps);
  return out;
}

}  // namespace pb::config
