// Requests to models: each endpoint speaks one wire format.
#include "api/endpoints.h"

namespace pb::api {

Task<void> chat_completions(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("openai_chat"), c.request, c.out, c.key);
}
Task<void> messages(Call& c) {
  return c.deps.gateway.chat(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}
Task<void> count_tokens(Call& c) {
  return c.deps.gateway.count_tokens(*llm::find_dialect("anthropic"), c.request, c.out, c.key);
}

}  // namespace pb::api
