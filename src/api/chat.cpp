// Requests to models: each endpoint speaks one wire format.
#include "api/endpoints.h"
#include "base/ids.h"

namespace pb::api {

// Mistral's SDKs call the same path as OpenAI's, and say who they are.
Task<void> chat_completions(Call& c) {
  const bool mistral = c.request.headers.get("user-agent").starts_with("mistral-client");
  return c.deps.gateway.chat(*llm::find_dialect(mistral ? "mistral" : "openai_chat"), c.request, c.out,
                             c.caller);
}
Task<void> mistral_chat(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("mistral"), c.request, c.out, c.caller);
}
Task<void> cohere_chat(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("cohere"), c.request, c.out, c.caller);
}
Task<void> completions(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("openai_completions"), c.request, c.out, c.caller);
}
Task<void> messages(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("anthropic"), c.request, c.out, c.caller);
}
Task<void> responses(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("openai_responses"), c.request, c.out, c.caller);
}

// Clients that would rather hold the conversation over a WebSocket take 426 for an answer and post it; after 404 they try
// again. `Upgrade` is no header that reaches an endpoint, but no handshake goes without a key (RFC 6455 §4.1).
Task<void> responses_socket(Call& c) {
  const bool socket =
      c.request.headers.has("sec-websocket-key") || c.request.headers.has("sec-websocket-version");
  Error e;
  e.code = socket ? Code::invalid_request : Code::method_not_allowed;
  e.status = socket ? 426 : 405;
  e.message = socket
                  ? "WebSocket connections are not served here; send POST requests, with `stream` for events"
                  : std::string(c.request.path()) + " takes POST, not " + std::string(c.request.method);
  if (socket) e.provider_code = "websocket_not_supported";
  log_refusal(c.request, e);
  std::string body;
  llm::find_dialect("openai_responses")->encode_error(e, ids::request_id(), body);
  net::Headers headers;
  headers.add("Content-Type", "application/json");
  if (!socket) headers.add("Allow", "POST");
  co_await c.out.send(e.status, headers, body);
}

Task<void> count_tokens(Call& c) {
  return c.deps.gateway.count_tokens(*llm::find_dialect("anthropic"), c.request, c.out, c.caller);
}

}  // namespace pb::api
