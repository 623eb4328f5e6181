#include "mcp/oauth/policy.h"

#include <algorithm>

#include "base/json.h"

namespace pb::mcp {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

// Where the path begins; the end where there is none.
std::size_t path_at(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return std::min(url.find('/', scheme == url.npos ? 0 : scheme + 3), url.size());
}

std::vector<std::pair<std::string, Scopes>> scope_map(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<std::pair<std::string, Scopes>> out;
  out.reserve(pairs.size());
  for (const auto& [name, scopes] : pairs) out.emplace_back(name, split_scopes(scopes));
  return out;
}

void append(std::string& to, std::string_view name, std::string_view value) {
  to += to.ends_with("Bearer") ? " " : ", ";
  to += name;
  to += "=\"";
  to += value;
  to += '"';
}

}  // namespace

std::shared_ptr<const OAuthPolicy> make_policy(const config::McpOAuth& o, std::string_view default_resource) {
  if (o.issuer.empty()) return nullptr;
  auto out = std::make_shared<OAuthPolicy>();
  out->issuer = o.issuer;
  out->jwks_url = o.jwks_url;
  out->ca_file = o.ca_file;
  out->resource = o.resource.empty() ? std::string(default_resource) : o.resource;
  out->metadata_url = metadata_url(out->resource);
  out->audiences = o.audience;
  if (out->audiences.empty()) out->audiences = {out->resource};
  for (const std::string& name : o.algorithms)
    if (const auto alg = jwt::parse_alg(name)) out->algs.push_back(*alg);
  out->only_at_jwt = o.only_at_jwt;
  out->leeway_s = o.leeway_ms / 1000;
  out->times = {o.keys_refresh_ms, o.keys_retry_ms, o.keys_stale_ms};
  out->timeout_ms = o.timeout_ms;
  out->scopes = {o.scopes_required, scope_map(o.scopes_tools), scope_map(o.scopes_implies)};
  out->key = o.key;
  out->key_claim = o.key_claim;
  out->team_claim = o.team_claim;
  return out;
}

std::string metadata_url(std::string_view resource) {
  const std::size_t path = path_at(resource);
  std::string_view rest = resource.substr(path);
  if (rest == "/")
    rest = {};  // "any terminating slash … MUST be removed" where nothing else follows the host
  return std::string(resource.substr(0, path)) + std::string(kWellKnown) + std::string(rest);
}

bool has_metadata(const OAuthPolicy& policy, std::string_view below) {
  if (below.starts_with('/')) below.remove_prefix(1);
  if (below.empty() || below == "mcp" || below == "sse") return true;
  std::string_view own = std::string_view(policy.resource).substr(path_at(policy.resource));
  if (own.starts_with('/')) own.remove_prefix(1);
  return below == own;
}

std::string metadata_json(const OAuthPolicy& policy) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("resource", policy.resource);
  w.key("authorization_servers");
  w.begin_array();
  w.string(policy.issuer);
  w.end_array();
  if (!policy.scopes.required.empty()) {  // the least that is of use; tools ask for more when they are called
    w.strings("scopes_supported", policy.scopes.required);
  }
  w.key("bearer_methods_supported");
  w.begin_array();
  w.string("header");
  w.end_array();
  w.field("resource_name", "Patchbay");
  w.end_object();
  return out;
}

std::string challenge(const OAuthPolicy& policy, std::string_view error, std::string_view description,
                      const Scopes& scopes) {
  std::string out = "Bearer";
  if (!error.empty()) append(out, "error", error);
  append(out, "resource_metadata", policy.metadata_url);
  if (!scopes.empty()) append(out, "scope", join_scopes(scopes));
  if (!description.empty()) append(out, "error_description", description);
  return out;
}

Scopes missing_scopes(const Grant& grant, const Document& document) {
  Scopes needed = grant.policy->scopes.required;
  for (const Message& m : document.messages)
    if (m.kind == Kind::request && m.method == "tools/call")
      add_scopes(needed, grant.policy->scopes.needed(m.params["name"].as_string()));
  return has_all(grant.scopes, needed) ? Scopes() : needed;
}

}  // namespace pb::mcp
