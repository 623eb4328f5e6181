// What the files of endpoints share, and every endpoint's declaration; routes.cpp holds the table of their paths.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"

namespace pb::mcp {
struct Grant;
}

namespace pb::api {

// One request to one endpoint; lives in dispatch()'s frame.
struct Call {
  const Deps& deps;
  net::Request& request;
  net::Responder& out;
  gateway::Caller& caller;
  std::string_view argument;                     // what stands for {id} in the path, percent-decoded
  std::shared_ptr<const mcp::Grant> grant = {};  // of an access token; null without one
};

using Endpoint = Task<void> (*)(Call&);

Task<void> send_json(Call& c, int status, std::string body);
// In the shape of `dialect`.
Task<void> send_error(Call& c, std::string_view dialect, const Error& error);

// A debug line of the module "api": which request was answered with an error, so that what a client lacks here can be seen.
// Errors of requests to models have lines of their own.
void log_refusal(const net::Request& request, const Error& error);

// "POST /v1/messages", …: what the index lists.
std::vector<std::string> endpoint_list();

// chat.cpp: requests to models.
Task<void> chat_completions(Call& c);
Task<void> mistral_chat(Call& c);
Task<void> cohere_chat(Call& c);
Task<void> completions(Call& c);
Task<void> messages(Call& c);
Task<void> responses(Call& c);
Task<void> responses_socket(Call& c);  // a WebSocket, which is refused so that clients ask over HTTP
Task<void> count_tokens(Call& c);

// gemini.cpp: Google's paths, below which the last word is the method.
Task<void> gemini_method(Call& c);     // …/models/{model}:METHOD
Task<void> gemini_publisher(Call& c);  // Vertex AI's: …/publishers/{publisher}/models/{model}:METHOD
Task<void> gemini_models(Call& c);
Task<void> gemini_model(Call& c);

// responses.cpp: answers that are kept here.
Task<void> stored_response(Call& c);
Task<void> stored_input_items(Call& c);
Task<void> delete_stored_response(Call& c);

// embeddings.cpp: texts into vectors.
Task<void> openai_embeddings(Call& c);
Task<void> cohere_embed(Call& c);
Task<void> ollama_embed(Call& c);
Task<void> ollama_embeddings(Call& c);
Task<void> gemini_embed(Call& c);
Task<void> gemini_batch_embed(Call& c);

// models.cpp: which models there are.
// Of a client on a path that several formats' clients use, told by its headers.
std::string_view dialect_of_client(const net::Request& request);
Task<void> models(Call& c);
Task<void> model(Call& c);

// ollama.cpp: Ollama's own.
Task<void> ollama_chat(Call& c);
Task<void> ollama_generate(Call& c);
Task<void> ollama_tags(Call& c);
Task<void> ollama_show(Call& c);
Task<void> ollama_version(Call& c);
Task<void> ollama_ps(Call& c);
Task<void> ollama_pull(Call& c);
Task<void> ollama_push(Call& c);
Task<void> ollama_create(Call& c);
Task<void> ollama_copy(Call& c);
Task<void> ollama_delete(Call& c);

// models_openrouter.cpp: the same for clients of OpenRouter.
Task<void> openrouter_models(Call& c);
Task<void> openrouter_models_count(Call& c);
Task<void> openrouter_one_model(Call& c);

// mcp.cpp: the Model Context Protocol.
bool is_mcp_path(std::string_view path);  // also with a slash behind it
Task<void> mcp_post(Call& c);
Task<void> mcp_get(Call& c);
Task<void> mcp_delete(Call& c);
Task<void> mcp_sse(Call& c);
Task<void> mcp_sse_post(Call& c);
Task<void> oauth_metadata(Call& c);  // RFC 9728: whose access tokens are taken here

// status.cpp: about this server.
Task<void> health(Call& c);
Task<void> ready(Call& c);
Task<void> hello(Call& c);
Task<void> prometheus(Call& c);
Task<void> index(Call& c);

}  // namespace pb::api
