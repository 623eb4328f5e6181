#include "api/mcp_auth.h"

#include "api/endpoints.h"
#include "api/guard.h"
#include "base/clock.h"
#include "mcp/http.h"
#include "mcp/oauth/authorizer.h"

namespace pb::api {
namespace {

using Policy = std::shared_ptr<const mcp::OAuthPolicy>;

Policy policy_of(const Deps& deps) {
  if (deps.oauth == nullptr || deps.mcp == nullptr) return nullptr;
  const auto snapshot = deps.gateway.snapshot_in_use();
  return deps.oauth->policy(snapshot, snapshot->config().mcp_oauth);
}

std::unexpected<Error> no_account(std::string_view what) {
  return fail(Code::permission_denied,
              "the token names no " + std::string(what) + " of this gateway that may be used");
}

// What the token stands for here: a virtual key, a team, or nothing that has limits.
Result<gateway::Caller> account_of(const mcp::OAuthPolicy& policy, const jwt::Claims& claims,
                                   const gateway::KeyRing* keys) {
  gateway::Caller caller;
  caller.name = "oauth:" + claims.subject;
  if (!policy.team_claim.empty()) {
    const json::Value claim = claims.root[policy.team_claim];
    caller.table = keys == nullptr ? nullptr : keys->team(claim.as_string());
    for (const json::Value item : claim.items())
      if (caller.table == nullptr && keys != nullptr) caller.table = keys->team(item.as_string());
    if (caller.table == nullptr) return no_account("team");
    caller.key = &caller.table->entries().front();
    return caller;
  }
  std::string name = policy.key;
  if (const json::Value* claim = claims.root.find(policy.key_claim);
      !policy.key_claim.empty() && claim != nullptr)
    name = claim->as_string();
  else if (name.empty() && !policy.key_claim.empty())
    return no_account("key");
  if (name.empty() && policy.key_claim.empty()) return caller;
  if (keys != nullptr) caller.table = keys->table();
  if (caller.table != nullptr) caller.key = caller.table->named(name);
  if (caller.key == nullptr || !caller.key->key.usable(unix_ms())) return no_account("key");
  caller.name = caller.key->key.name;  // what it spends is the key's
  return caller;
}

struct Challenge {
  Error error;
  std::string_view code;  // of RFC 6750 §3.1; "" = nothing was presented
  mcp::Scopes scopes;
};

Task<void> refuse(const mcp::OAuthPolicy& policy, net::Request& request, net::Responder& out, Challenge c) {
  log_refusal(request, c.error);
  const int status = http_status(c.error);
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  if (status == 401 || c.code == "insufficient_scope")
    headers.add("WWW-Authenticate",
                mcp::challenge(policy, c.code, c.code.empty() ? "" : c.error.message, c.scopes));
  if (c.error.retry_after_ms > 0)
    headers.add("Retry-After", std::to_string((c.error.retry_after_ms + 999) / 1000));
  co_await out.send(status, headers, mcp::error_body(c.error));
}

}  // namespace

bool takes_tokens(const Deps& deps) { return policy_of(deps) != nullptr; }

Task<bool> admit_mcp(const Deps& deps, net::Request& request, net::Responder& out, Admitted& admitted) {
  const Policy policy = policy_of(deps);
  const mcp::Scopes& required = policy->scopes.required;
  const std::string_view sent = credential(request.headers, request.query());
  if (sent.empty()) {
    Error e = fail(Code::unauthenticated, "a key or an access token is needed here").error();
    co_await refuse(*policy, request, out, {std::move(e), {}, required});
    co_return false;
  }
  auto key = caller_of_key(deps.gateway.snapshot().config().server, deps.keys, sent, unix_ms());
  if (key && *key) {
    admitted.caller = std::move(**key);
    co_return true;
  }
  // Only this header: "Access tokens MUST NOT be included in the URI query string".
  const std::string_view token = bearer(request.headers);
  Error fault;
  if (!key)
    fault = std::move(key.error());
  else if (token.empty() || token.starts_with(store::kSecretPrefix))
    fault = fail(Code::unauthenticated, "the key is not one of this gateway's").error();
  if (!fault.message.empty()) {
    co_await refuse(*policy, request, out, {std::move(fault), "invalid_token", required});
    co_return false;
  }
  auto claims = co_await deps.oauth->check(policy, std::string(token), unix_ms() / 1000);
  if (!claims) {
    co_await refuse(*policy, request, out, {std::move(claims.error()), "invalid_token", required});
    co_return false;
  }
  auto grant = std::make_shared<mcp::Grant>();
  grant->subject = (*claims)->subject;
  grant->scopes = policy->scopes.widened((*claims)->scopes);
  grant->policy = policy;
  // What a POST needs is known when it has been read, and told then all at once.
  if (request.method != "POST" && !mcp::has_all(grant->scopes, required)) {
    Error e = fail(Code::permission_denied, "the token has not all scopes that this needs").error();
    co_await refuse(*policy, request, out, {std::move(e), "insufficient_scope", required});
    co_return false;
  }
  auto caller = account_of(*policy, **claims, deps.keys);
  if (!caller) {
    co_await refuse(*policy, request, out, {std::move(caller.error()), {}, {}});
    co_return false;
  }
  admitted.caller = std::move(*caller);
  admitted.grant = std::move(grant);
  co_return true;
}

Task<void> oauth_metadata(Call& c) {
  const Policy policy = policy_of(c.deps);
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  if (policy == nullptr || !mcp::has_metadata(*policy, c.argument)) {
    const Error e =
        fail(Code::not_found, policy == nullptr ? "no access tokens are taken here (`mcp.oauth.issuer`)"
                                                : "there is no such resource here")
            .error();
    co_return co_await c.out.send(404, headers, mcp::error_body(e));
  }
  headers.add("Cache-Control", "max-age=300");
  co_await c.out.send(200, headers, mcp::metadata_json(*policy));
}

}  // namespace pb::api
