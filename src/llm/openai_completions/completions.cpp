#include "llm/openai_completions/completions.h"

#include "llm/dialects.h"

namespace pb::llm {

constinit const Dialect kOpenaiCompletions = {
    .name = openai_completions::kName,
    .path = "/completions",
    .stream_path = {},
    .content_type = "text/event-stream",
    .done_marker = true,
    .id_prefix = "cmpl-",
    .ask_usage = R"("stream_options":{"include_usage":true})",
    .notes = openai_completions::notes,
    .decode_request = openai_completions::decode_request,
    .needs_no_state = openai_completions::can_be_a_chat,
    .encode_response = openai_completions::encode_response,
    .stream_encoder = openai_completions::stream_encoder,
    .encode_error = openai_chat::encode_error,
    .encode_request = openai_completions::encode_request,
    .decode_response = openai_completions::decode_response,
    .stream_decoder = openai_completions::stream_decoder,
    .decode_error = openai_chat::decode_error,
    .peek_response = openai_chat::peek_response,
    .peek_event = openai_chat::peek_event,
};

}  // namespace pb::llm
