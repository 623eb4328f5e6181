// Sends what stands in a stream to one HTTP client: as one JSON answer where that is all, else as server-sent events.
#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "base/task.h"
#include "mcp/json_rpc.h"
#include "mcp/offer.h"
#include "mcp/stream.h"
#include "net/server.h"
#include "net/sweeper.h"

namespace pb::mcp {

struct RelaySetup {
  net::Sweeper& sweeper;
  boost::asio::any_io_executor executor;
  std::shared_ptr<Stream> stream;
  std::uint64_t after = 0;      // events up to this one have been sent before
  std::uint64_t number = 0;     // of the stream, in the events' ids
  bool ids = false;             // events have ids, and the client may come back with one
  bool first_event = false;     // begins with an empty event that has an id (2025-11-25)
  bool json = true;             // a single message may be the whole answer
  const int* status = nullptr;  // of that answer, known when the stream has ended; null: 200
  net::Headers headers;         // to be sent with either
  std::string endpoint = {};    // HTTP+SSE: the first event tells where to post; "" = there is no such event
  std::atomic<std::size_t>* streams = nullptr;  // counts those that are open
};
// Returns when the stream has ended or has got another reader. Throws when the client goes away.
Task<void> relay(RelaySetup setup, net::Responder& out);

// A fault as the whole answer.
Task<void> send_fault(net::Responder& out, int status, Fault fault, Id id = {});
Task<void> send_fault(net::Responder& out, int status, int code, std::string message);

// Whether the caller's access token has the scopes that the messages need. False: it has been answered with 403 and all of them
// (MCP 2025-11-25 and 2026-07-28 "Scope Challenge Handling").
Task<bool> may_call(const Document& document, const Principal& principal, net::Responder& out);

// One event. "" as the id: it has none.
void append_event(std::string& out, std::string_view event, std::string_view id, std::string_view data);

}  // namespace pb::mcp
