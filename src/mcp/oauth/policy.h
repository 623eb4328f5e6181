// Access tokens for MCP as the configuration wants them, and what clients are told of it: the metadata of a protected resource
// (RFC 9728) and challenges (RFC 6750 §3). Pure.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/jwk.h"
#include "config/config.h"
#include "mcp/json_rpc.h"
#include "mcp/oauth/key_times.h"
#include "mcp/oauth/scopes.h"

namespace pb::mcp {

// Made once from a configuration; shared by the requests that began under it.
struct OAuthPolicy {
  std::string issuer, jwks_url, ca_file;
  std::string resource;      // our identifier
  std::string metadata_url;  // where its metadata is
  std::vector<std::string> audiences;
  std::vector<jwt::Alg> algs;
  bool only_at_jwt = false;
  std::int64_t leeway_s = 0;
  KeyTimes times;
  int timeout_ms = 0;
  ScopeRules scopes;
  std::string key, key_claim, team_claim;  // of the gateway's own keys and teams
};
// Null: no tokens are taken. `default_resource`: where none is configured.
std::shared_ptr<const OAuthPolicy> make_policy(const config::McpOAuth& options,
                                               std::string_view default_resource);

// "https://host/mcp" -> "https://host/.well-known/oauth-protected-resource/mcp" (RFC 9728 §3.1).
std::string metadata_url(std::string_view resource);
// Whether the resource's metadata is to be had at a path below the well-known one ("" = at that path itself).
bool has_metadata(const OAuthPolicy& policy, std::string_view below);
std::string metadata_json(const OAuthPolicy& policy);

// The value of WWW-Authenticate. `error` "" = nobody presented a token; `description` is our own text.
std::string challenge(const OAuthPolicy& policy, std::string_view error, std::string_view description,
                      const Scopes& scopes);

// What a caller's token allows.
struct Grant {
  std::string subject;
  Scopes scopes;  // with all that they imply
  std::shared_ptr<const OAuthPolicy> policy;
};
// All scopes that the messages need, when the token lacks some of them; empty: they may be served.
Scopes missing_scopes(const Grant& grant, const Document& document);

}  // namespace pb::mcp
