// Which options tools may change (`mcp.tools.configure`). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/paths.h"

namespace pb::config {

// What is wrong with one entry of that option: "there is no option `lgo`; …"; "" = nothing.
std::string tool_scope_fault(std::string_view path);

class ToolScope {
 public:
  // Entries with a fault count for nothing.
  explicit ToolScope(const std::vector<std::string>& paths);
  // Whether the place is one of those listed or lies below one. Steps are compared, not texts: `log` has nothing to do with `logs`. The
  // option itself, what it holds and what holds it are never covered.
  bool covers(const Steps& place) const;
  bool empty() const { return places_.empty(); }
  std::string text() const;  // "log, default_model"

 private:
  std::vector<Steps> places_;
};

}  // namespace pb::config
