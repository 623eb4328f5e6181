// Who may speak: credentials, Host and Origin. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/config.h"
#include "gateway/caller.h"
#include "gateway/key_ring.h"
#include "net/http.h"

namespace pb::api {

// What stands behind `Authorization: Bearer`; "" for none.
std::string_view bearer(const net::Headers& headers);
// The key a client sent: as bearer, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`; "" for none.
std::string_view credential(const net::Headers& headers, std::string_view query = {});

// Without any keys everyone on this machine may speak; with them, who sends one, unless server.require_key says otherwise.
// `keys`: the virtual ones, may be null. Errors: unauthenticated.
Result<gateway::Caller> authenticate(const config::Server& server, const gateway::KeyRing* keys,
                                     const net::Headers& headers, std::string_view query,
                                     std::int64_t now_ms);
// The caller whose key was presented; nullopt: it is none of this gateway's. Errors: unauthenticated, for one that is used up.
Result<std::optional<gateway::Caller>> caller_of_key(const config::Server& server,
                                                     const gateway::KeyRing* keys, std::string_view sent,
                                                     std::int64_t now_ms);
bool needs_key(const config::Server& server, const gateway::KeyRing* keys);

// Against DNS rebinding: while no key is needed, Host must be a loopback name, the listen address or of
// server.allowed_hosts. Errors: permission_denied.
Result<void> check_host(const config::Server& server, bool key_needed, const net::Headers& headers);

// A browser's Origin must be this server's own or of server.allowed_origins. `cross` tells whether CORS headers are due.
Result<void> check_origin(const config::Server& server, const net::Headers& headers, bool& cross);

}  // namespace pb::api
