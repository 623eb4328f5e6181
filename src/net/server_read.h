// Reading one request from a connection.
#pragma once
#include "net/server_connection.h"

namespace pb::net {

enum class ReadOutcome { request, closed, refused };

struct ReadResult {
  ReadOutcome outcome = ReadOutcome::closed;
  int status = 0;       // of `refused`
  std::string message;  // of `refused`
};

// Reads the next request into `request`. `closed`: the client ended or timed out between requests.
Task<ReadResult> read_request(Connection& c, Request& request);

}  // namespace pb::net
