// What scopes a call needs and which ones a token has. Pure.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pb::mcp {

using Scopes = std::vector<std::string>;

// "a b" -> {"a", "b"}, each once.
Scopes split_scopes(std::string_view text);
std::string join_scopes(const Scopes& scopes);
// What may stand in a scope's name (RFC 6749 §3.3).
bool is_scope(std::string_view text);

struct ScopeRules {
  Scopes required;                                    // for anything at all
  std::vector<std::pair<std::string, Scopes>> tools;  // by patterns of tools' names; all that match count
  std::vector<std::pair<std::string, Scopes>> implies;

  // The scopes with all that they imply: "Servers MUST account for scope hierarchies" (MCP 2026-07-28 "Authorization").
  Scopes widened(Scopes granted) const;
  // All that a call of the tool needs, those for anything included.
  Scopes needed(std::string_view tool) const;
};

bool has_all(const Scopes& granted, const Scopes& needed);
void add_scopes(Scopes& to, const Scopes& more);

}  // namespace pb::mcp
