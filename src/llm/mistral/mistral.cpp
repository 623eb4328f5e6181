#include "llm/mistral/mistral.h"

#include "llm/dialects.h"

namespace pb::llm {
namespace mistral {

Result<Response> decode_response(std::string body) {
  return openai_chat::read_response(std::move(body), kName);
}

std::unique_ptr<StreamDecoder> stream_decoder() { return openai_chat::stream_reader(kName); }

}  // namespace mistral

constinit const Dialect kMistral = {
    .name = mistral::kName,
    .path = "/chat/completions",
    .stream_path = {},
    .content_type = "text/event-stream",
    .done_marker = true,
    .carries = true,
    .id_prefix = "cmpl-",
    .ask_usage = {},
    .notes = mistral::notes,
    .decode_request = mistral::decode_request,
    .encode_response = mistral::encode_response,
    .stream_encoder = mistral::stream_encoder,
    .encode_error = mistral::encode_error,
    .encode_request = mistral::encode_request,
    .decode_response = mistral::decode_response,
    .stream_decoder = mistral::stream_decoder,
    .decode_error = openai_chat::decode_error,
    .peek_response = openai_chat::peek_response,
    .peek_event = openai_chat::peek_event,
};

}  // namespace pb::llm
