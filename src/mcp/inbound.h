// What comes from a client of a session, whatever transport brought it: requests become calls, the rest takes effect at once.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "mcp/call.h"

namespace pb::mcp {

struct Inbound {
  Hub& hub;
  std::shared_ptr<const Offer> offer;
  net::Sweeper& sweeper;
  boost::asio::any_io_executor executor;
  Principal principal = {};  // of whoever brought it: the session's own, with the rights that they have now
};

// Notifications and responses to our questions.
void take(Session& session, const Message& message);

// Starts a request of a session; its messages go to `stream`. The fault, if it may not begin. `done`: as Call::Done.
Outcome<void> begin(const Inbound& in, const std::shared_ptr<Session>& session,
                    const std::shared_ptr<Document>& document, const Message& message,
                    std::shared_ptr<Stream> stream, bool polling, Call::Done done);

// All requests of a document. Their responses come together, as one message; `done` gets it, or "" where there is none.
void begin_all(const Inbound& in, const std::shared_ptr<Session>& session,
               const std::shared_ptr<Document>& document, const std::shared_ptr<Stream>& stream, bool polling,
               Call::Done done);
bool any_requests(const Document& document);  // also broken ones, which are answered

}  // namespace pb::mcp
