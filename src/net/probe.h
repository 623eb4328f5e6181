// Whether something listens, or could: for local providers, once at start-up, and for people. Blocks the caller.
#pragma once
#include <string>

namespace pb::net {

// True when a TCP connection to `host` (an IP address, or "localhost") is accepted within `timeout_ms`. Other names are
// not looked up: false.
bool accepts_connections(const std::string& host, int port, int timeout_ms);

// Why nothing can listen at `host` (an IP address, or "localhost") and `port` just now; "" when something can, and for other names.
std::string listen_fault(const std::string& host, int port);

}  // namespace pb::net
