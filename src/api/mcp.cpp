// The Model Context Protocol over HTTP: who calls is known here, the rest is mcp/http.h.
#include "mcp/http.h"

#include "api/endpoints.h"

namespace pb::api {
namespace {

using Serve = Task<void> (mcp::Endpoint::*)(net::Request&, net::Responder&, mcp::Principal);

Task<void> serve(Call& c, Serve how) {
  if (c.deps.mcp == nullptr) {
    const Error e = fail(Code::not_found, "MCP is not served here").error();
    net::Headers headers;
    headers.add("Content-Type", "application/json");
    co_return co_await c.out.send(404, headers, mcp::error_body(e));
  }
  // A copy: calls may outlive the request.
  std::shared_ptr<const gateway::Caller> held;
  if (c.caller.key != nullptr) held = std::make_shared<const gateway::Caller>(c.caller);
  mcp::Principal principal{c.caller.name, std::move(held)};
  co_await (c.deps.mcp->*how)(c.request, c.out, std::move(principal));
}

}  // namespace

bool is_mcp_path(std::string_view path) {
  return path == "/mcp" || path == "/sse" || path == mcp::kSseMessages;
}

Task<void> mcp_post(Call& c) { return serve(c, &mcp::Endpoint::post); }
Task<void> mcp_get(Call& c) { return serve(c, &mcp::Endpoint::get); }
Task<void> mcp_delete(Call& c) { return serve(c, &mcp::Endpoint::remove); }
Task<void> mcp_sse(Call& c) { return serve(c, &mcp::Endpoint::open_sse); }
Task<void> mcp_sse_post(Call& c) { return serve(c, &mcp::Endpoint::post_sse); }

}  // namespace pb::api
