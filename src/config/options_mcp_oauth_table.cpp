// The options of access tokens for /mcp.
#include "config/option_rows.h"

namespace pb::config {
namespace {

const Row<Config> kOAuth[] = {
    {{"mcp.oauth.issuer",
      Kind::url,
      "Whose access tokens are taken, as `iss` in them has it: the identifier of the authorization server.",
      0,
      0,
      {},
      {},
      "none: only keys are taken"},
     [](Config& c) -> Ref { return &c.mcp_oauth.issuer; }},
    {{"mcp.oauth.resource",
      Kind::url,
      "The URL at which clients reach `/mcp`: what this server is called in tokens and metadata "
      "(RFC 9728, RFC 8707).",
      0,
      0,
      {},
      {},
      "`http://` and `server.listen`, with `/mcp`"},
     [](Config& c) -> Ref { return &c.mcp_oauth.resource; }},
    {{"mcp.oauth.audience",
      Kind::texts,
      "A token's `aud` must name one of these.",
      0,
      0,
      {},
      {},
      "the resource"},
     [](Config& c) -> Ref { return &c.mcp_oauth.audience; }},
    {{"mcp.oauth.jwks_url",
      Kind::url,
      "Where the issuer's keys are.",
      0,
      0,
      {},
      {},
      "as the issuer's metadata says (RFC 8414, OpenID Connect Discovery)"},
     [](Config& c) -> Ref { return &c.mcp_oauth.jwks_url; }},
    {{"mcp.oauth.algorithms",
      Kind::texts,
      "Signatures that tokens may have: some of these.",
      0,
      0,
      {},
      {},
      "`RS256`, `PS256`, `ES256`, `EdDSA`"},
     [](Config& c) -> Ref { return &c.mcp_oauth.algorithms; }},
    {{"mcp.oauth.only_at_jwt", Kind::flag,
      "Take only tokens of type `at+jwt` (RFC 9068). Without it, `JWT` and none are taken too, because many "
      "issuers send these."},
     [](Config& c) -> Ref { return &c.mcp_oauth.only_at_jwt; }},
    {{"mcp.oauth.leeway", Kind::duration, "How much the issuer's clock may differ from ours.", 0,
      10 * kMinute},
     [](Config& c) -> Ref { return &c.mcp_oauth.leeway_ms; }},
    {{"mcp.oauth.keys_refresh", Kind::duration, "Keys older than this are fetched again while they are used.",
      kSecond, 20 * kDay},
     [](Config& c) -> Ref { return &c.mcp_oauth.keys_refresh_ms; }},
    {{"mcp.oauth.keys_retry", Kind::duration,
      "The issuer is not asked more often than this, also for tokens with keys that nobody knows.", 50,
      kHour},
     [](Config& c) -> Ref { return &c.mcp_oauth.keys_retry_ms; }},
    {{"mcp.oauth.keys_stale", Kind::duration, "How long keys are used while the issuer cannot be reached.",
      kSecond, 20 * kDay},
     [](Config& c) -> Ref { return &c.mcp_oauth.keys_stale_ms; }},
    {{"mcp.oauth.timeout", Kind::duration, "How long one request to the issuer may take.", 100, kMinute},
     [](Config& c) -> Ref { return &c.mcp_oauth.timeout_ms; }},
    {{"mcp.oauth.ca_file",
      Kind::file,
      "PEM file of the authorities to trust for the issuer's certificate.",
      0,
      0,
      {},
      {},
      "the system's"},
     [](Config& c) -> Ref { return &c.mcp_oauth.ca_file; }},
    {{"mcp.oauth.scopes.required", Kind::texts, "Scopes that every token must have."},
     [](Config& c) -> Ref { return &c.mcp_oauth.scopes_required; }},
    {{"mcp.oauth.scopes.tools", Kind::pairs,
      "Scopes that calling a tool needs besides: `{\"health_*\": \"ops:read\"}`. A `*` in a tool's name "
      "stands "
      "for any text, "
      "several scopes have spaces between them, and all entries that match count."},
     [](Config& c) -> Ref { return &c.mcp_oauth.scopes_tools; }},
    {{"mcp.oauth.scopes.implies", Kind::pairs,
      "Scopes that a scope stands for too: `{admin: \"mcp ops:read\"}`."},
     [](Config& c) -> Ref { return &c.mcp_oauth.scopes_implies; }},
    {{"mcp.oauth.key", Kind::text,
      "Name of the virtual key ([keys.md](keys.md)) whose rights, limits and budget tokens have, unless "
      "their "
      "`key_claim` "
      "names another."},
     [](Config& c) -> Ref { return &c.mcp_oauth.key; }},
    {{"mcp.oauth.key_claim", Kind::text,
      "Claim that names the virtual key of a token. A token that names none that may be used is refused."},
     [](Config& c) -> Ref { return &c.mcp_oauth.key_claim; }},
    {{"mcp.oauth.team_claim", Kind::text,
      "Claim that names the team of a token, one of `teams`; of a list, the first that is one. Its models, "
      "limits and budget hold. A token that names none is refused."},
     [](Config& c) -> Ref { return &c.mcp_oauth.team_claim; }},
};

}  // namespace

std::vector<Bound> bind_mcp_oauth(Config& config) { return bind_rows(kOAuth, config); }

}  // namespace pb::config
