// The server over HTTP: Streamable HTTP of every revision on one path, and the older HTTP+SSE beside it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "base/task.h"
#include "mcp/call.h"
#include "net/server.h"

namespace pb::mcp {

struct EndpointDeps {
  Hub& hub;
  net::Sweeper& sweeper;
  boost::asio::any_io_executor executor;
  std::shared_ptr<const Offer> offer;  // shared with calls under way
};

// One core's. All but the constructor run on its event loop.
class Endpoint {
 public:
  explicit Endpoint(EndpointDeps deps);

  // /mcp: "Streamable HTTP" of 2025-03-26 to 2026-07-28.
  Task<void> post(net::Request& request, net::Responder& out, Principal principal);
  Task<void> get(net::Request& request, net::Responder& out, Principal principal);
  Task<void> remove(net::Request& request, net::Responder& out, Principal principal);  // DELETE

  // /sse and the path it names: "HTTP with SSE" of 2024-11-05.
  Task<void> open_sse(net::Request& request, net::Responder& out, Principal principal);
  Task<void> post_sse(net::Request& request, net::Responder& out, Principal principal);

  const EndpointDeps& deps() const { return deps_; }

 private:
  static void sweep(void* self);
  Task<void> post_stateless(net::Request& request, net::Responder& out, Principal principal,
                            std::shared_ptr<Document> document);
  Task<void> post_to_session(net::Request& request, net::Responder& out, Principal principal,
                             std::shared_ptr<Document> document);

  EndpointDeps deps_;
  net::Deadline sweep_;
};

// Where a client of HTTP+SSE posts its messages.
inline constexpr std::string_view kSseMessages = "/sse/messages";

// An error for a client of MCP, outside of any request of JSON-RPC.
std::string error_body(const Error& error);

}  // namespace pb::mcp
