// Whether something listens: for local providers, once at start-up. Blocks the caller.
#pragma once
#include <string>

namespace pb::net {

// True when a TCP connection to `host` (an IP address, or "localhost") is accepted within `timeout_ms`. Other names are
// not looked up: false.
bool accepts_connections(const std::string& host, int port, int timeout_ms);

}  // namespace pb::net
