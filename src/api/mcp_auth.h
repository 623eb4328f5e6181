// Who calls an endpoint of MCP where access tokens are taken: a key's owner as everywhere, or a token's subject.
#pragma once
#include <memory>
#include <string_view>

#include "api/api.h"
#include "gateway/caller.h"
#include "net/server.h"

namespace pb::mcp {
struct Grant;
}

namespace pb::api {

inline constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

struct Admitted {
  gateway::Caller caller;
  std::shared_ptr<const mcp::Grant> grant;  // null: by a key
};

// Then a key or a token is needed, whoever calls.
bool takes_tokens(const Deps& deps);
// False: the request has been answered, with a challenge that tells a client where to get a token (RFC 9728 §5.1).
Task<bool> admit_mcp(const Deps& deps, net::Request& request, net::Responder& out, Admitted& admitted);

}  // namespace pb::api
