#include "llm/ollama/ollama.h"

#include "llm/dialects.h"

namespace pb::llm {
namespace ollama {
namespace {

void encode_chat(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  encode_response(r, options, dropped, out, Shape::chat);
}
void encode_generate(const Response& r, const ResponseOptions& options, Dropped& dropped, std::string& out) {
  encode_response(r, options, dropped, out, Shape::generate);
}
std::unique_ptr<StreamEncoder> chat_encoder(const StreamOptions& options) {
  return stream_encoder(options, Shape::chat);
}
std::unique_ptr<StreamEncoder> generate_encoder(const StreamOptions& options) {
  return stream_encoder(options, Shape::generate);
}

}  // namespace
}  // namespace ollama

// A lone space keeps a stream alive: it stands before the next line's JSON text, where white space means nothing. An empty
// line would not do, clients parse every line.

constinit const Dialect kOllama = {
    .name = ollama::kName,
    .path = "/api/chat",
    .stream_path = {},
    .framing = Framing::ndjson,
    .content_type = "application/x-ndjson",
    .keep_alive = " ",
    .stream_default = true,
    .id_prefix = "ollama-",
    .ask_usage = {},
    .notes = ollama::notes,
    .decode_request = ollama::decode_request,
    .encode_response = ollama::encode_chat,
    .stream_encoder = ollama::chat_encoder,
    .encode_error = ollama::encode_error,
    .encode_request = ollama::encode_request,
    .decode_response = ollama::decode_response,
    .stream_decoder = ollama::stream_decoder,
    .decode_error = ollama::decode_error,
    .relax = ollama::relax,
    .peek_response = ollama::peek_response,
    .peek_event = ollama::peek_event,
};

// No requests to providers: a conversation does not fit into one prompt.
constinit const Dialect kOllamaGenerate = {
    .name = ollama::kGenerateName,
    .door_of = ollama::kName,
    .path = "/api/generate",
    .stream_path = {},
    .framing = Framing::ndjson,
    .content_type = "application/x-ndjson",
    .keep_alive = " ",
    .stream_default = true,
    .id_prefix = "ollama-",
    .ask_usage = {},
    .notes = ollama::notes,
    .decode_request = ollama::decode_generate,
    .encode_response = ollama::encode_generate,
    .stream_encoder = ollama::generate_encoder,
    .encode_error = ollama::encode_error,
    .decode_error = ollama::decode_error,
    .peek_response = ollama::peek_response,
    .peek_event = ollama::peek_event,
};

}  // namespace pb::llm
