// Calls for which an access token has not enough scopes are refused before anything of them runs.
#include "mcp/oauth/policy.h"
#include "mcp/relay.h"

namespace pb::mcp {

Task<bool> may_call(const Document& document, const Principal& principal, net::Responder& out) {
  if (principal.grant == nullptr) co_return true;
  const Scopes scopes = missing_scopes(*principal.grant, document);
  if (scopes.empty()) co_return true;
  constexpr std::string_view kWhat = "the token has not all scopes that this needs";
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("WWW-Authenticate", challenge(*principal.grant->policy, "insufficient_scope", kWhat, scopes));
  const Fault f =
      fault(kServerError, "Forbidden: " + std::string(kWhat) + ": " + join_scopes(scopes)).error();
  co_await out.send(403, headers, write_error(document.batch ? Id() : document.messages.front().id, f));
  co_return false;
}

}  // namespace pb::mcp
