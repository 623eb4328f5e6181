// The server over standard input and output: one client, both eras, a message a line.
#pragma once
#include "mcp/inbound.h"
#include "net/lines.h"

namespace pb::mcp {

// Returns when the client has closed our input and the calls under way have ended, or could not in time; or when nobody reads our
// output.
Task<void> serve_stdio(Inbound in, net::Lines& lines);

}  // namespace pb::mcp
