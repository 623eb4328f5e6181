#include "mcp/oauth/scopes.h"

#include <algorithm>

#include "base/strings.h"

namespace pb::mcp {
namespace {

bool has(const Scopes& all, std::string_view one) { return std::ranges::find(all, one) != all.end(); }

}  // namespace

void add_scopes(Scopes& to, const Scopes& more) {
  for (const std::string& scope : more)
    if (!has(to, scope)) to.push_back(scope);
}

Scopes split_scopes(std::string_view text) {
  Scopes out;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) add_scopes(out, {std::string(text.substr(0, space))});
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

std::string join_scopes(const Scopes& scopes) {
  std::string out;
  for (const std::string& scope : scopes) out += (out.empty() ? "" : " ") + scope;
  return out;
}

bool is_scope(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

Scopes ScopeRules::widened(Scopes granted) const {
  for (std::size_t i = 0; i < granted.size(); ++i) {  // grows while it is walked through
    const std::string scope = granted[i];
    for (const auto& [wide, narrow] : implies)
      if (wide == scope) add_scopes(granted, narrow);
  }
  return granted;
}

Scopes ScopeRules::needed(std::string_view tool) const {
  Scopes out = required;
  for (const auto& [pattern, scopes] : tools)
    if (glob(pattern, tool)) add_scopes(out, scopes);
  return out;
}

bool has_all(const Scopes& granted, const Scopes& needed) {
  return std::ranges::all_of(needed, [&](const std::string& scope) { return has(granted, scope); });
}

}  // namespace pb::mcp
