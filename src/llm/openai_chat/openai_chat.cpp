#include "llm/openai_chat/openai_chat.h"

#include "llm/dialects.h"

namespace pb::llm {

constinit const Dialect kOpenaiChat = {
    .name = openai_chat::kName,
    .path = "/chat/completions",
    .stream_path = {},
    .content_type = "text/event-stream",
    .done_marker = true,
    .id_prefix = "chatcmpl-",
    .ask_usage = R"("stream_options":{"include_usage":true})",
    .notes = openai_chat::notes,
    .decode_request = openai_chat::decode_request,
    .encode_response = openai_chat::encode_response,
    .stream_encoder = openai_chat::stream_encoder,
    .encode_error = openai_chat::encode_error,
    .encode_request = openai_chat::encode_request,
    .decode_response = openai_chat::decode_response,
    .stream_decoder = openai_chat::stream_decoder,
    .decode_error = openai_chat::decode_error,
    .peek_response = openai_chat::peek_response,
    .peek_event = openai_chat::peek_event,
};

}  // namespace pb::llm
