// Who may speak: credentials, Host and Origin. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/config.h"
#include "net/http.h"

namespace pb::api {

// The key a client sent: `Authorization: Bearer`, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`; "" for none.
std::string_view credential(const net::Headers& headers, std::string_view query = {});

// Without configured keys everyone on this machine may speak; with them, who sends one. The value is the key's masked
// form, for the ledger. Errors: unauthenticated.
Result<std::string> authenticate(const config::Server& server, const net::Headers& headers,
                                 std::string_view query = {});

// Against DNS rebinding: while no key is needed, Host must be a loopback name, the listen address or of
// server.allowed_hosts. Errors: permission_denied.
Result<void> check_host(const config::Server& server, const net::Headers& headers);

// A browser's Origin must be this server's own or of server.allowed_origins. `cross` tells whether CORS headers are due.
Result<void> check_origin(const config::Server& server, const net::Headers& headers, bool& cross);

}  // namespace pb::api
