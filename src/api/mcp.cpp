// The Model Context Protocol over HTTP: who calls is known here, the rest is mcp/http.h.
#include "mcp/http.h"

#include "api/endpoints.h"
#include "api/guard.h"
#include "base/digest.h"
#include "mcp/oauth/policy.h"

namespace pb::api {
namespace {

// Tells callers apart: sessions and tasks are found by it. No key's name has a colon, and what is shown of a key of the
// configuration may be the same for several.
std::string principal_name(const Call& c) {
  if (c.grant != nullptr) return "oauth:" + c.grant->subject;
  if (c.caller.key != nullptr || c.caller.name.empty()) return c.caller.name;
  return "key:" + to_hex(sha256(credential(c.request.headers, c.request.query())));
}

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
  mcp::Principal principal{principal_name(c), std::move(held), c.grant};
  co_await (c.deps.mcp->*how)(c.request, c.out, std::move(principal));
}

}  // namespace

bool is_mcp_path(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path == "/mcp" || path == "/sse" || path == mcp::kSseMessages;
}

Task<void> mcp_post(Call& c) { return serve(c, &mcp::Endpoint::post); }
Task<void> mcp_get(Call& c) { return serve(c, &mcp::Endpoint::get); }
Task<void> mcp_delete(Call& c) { return serve(c, &mcp::Endpoint::remove); }
Task<void> mcp_sse(Call& c) { return serve(c, &mcp::Endpoint::open_sse); }
Task<void> mcp_sse_post(Call& c) { return serve(c, &mcp::Endpoint::post_sse); }

}  // namespace pb::api
