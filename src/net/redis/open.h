// The way to a Redis server: TCP, TLS or a socket of this machine.
#pragma once
#include "net/redis/client.h"
#include "net/stream.h"

namespace pb::net::redis {

// A connection on which nobody has logged in yet. Errors do not hold the password.
Task<Result<std::unique_ptr<Stream>>> open_stream(ClientDeps deps, const ClientOptions& options);

}  // namespace pb::net::redis
