// Texts into vectors, in each API's own words.
#include "api/endpoints.h"

namespace pb::api {

Task<void> openai_embeddings(Call& c) {
  return c.deps.gateway.embed(llm::kOpenaiEmbeddings, c.request, c.out, c.caller);
}
Task<void> cohere_embed(Call& c) {
  return c.deps.gateway.embed(llm::kCohereEmbed, c.request, c.out, c.caller);
}
Task<void> ollama_embed(Call& c) {
  return c.deps.gateway.embed(llm::kOllamaEmbed, c.request, c.out, c.caller);
}
Task<void> ollama_embeddings(Call& c) {
  return c.deps.gateway.embed(llm::kOllamaEmbeddings, c.request, c.out, c.caller);
}
Task<void> gemini_embed(Call& c) {
  return c.deps.gateway.embed(llm::kGeminiEmbed, c.request, c.out, c.caller, {c.argument, false, false});
}
Task<void> gemini_batch_embed(Call& c) {
  return c.deps.gateway.embed(llm::kGeminiBatchEmbed, c.request, c.out, c.caller, {c.argument, false, false});
}

}  // namespace pb::api
