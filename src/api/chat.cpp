// Requests to models: each endpoint speaks one wire format.
#include "api/endpoints.h"

namespace pb::api {

// Mistral's SDKs call the same path as OpenAI's, and say who they are.
Task<void> chat_completions(Call& c) {
  const bool mistral = c.request.headers.get("user-agent").starts_with("mistral-client");
  return c.deps.gateway.chat(*llm::find_dialect(mistral ? "mistral" : "openai_chat"), c.request, c.out,
                             c.key);
}
Task<void> mistral_chat(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("mistral"), c.request, c.out, c.key);
}
Task<void> cohere_chat(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("cohere"), c.request, c.out, c.key);
}
Task<void> messages(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}
Task<void> count_tokens(Call& c) {
  return c.deps.gateway.count_tokens(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}

}  // namespace pb::api
