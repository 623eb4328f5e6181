#include "llm/openai_responses/openai_responses.h"

#include "llm/dialects.h"
#include "llm/openai_chat/openai_chat.h"

namespace pb::llm {

constinit const Dialect kOpenaiResponses = {
    .name = openai_responses::kName,
    .path = "/responses",
    .stream_path = {},
    .content_type = "text/event-stream",
    .carries = true,
    .id_prefix = "resp_",
    .ask_usage = {},
    .notes = openai_responses::notes,
    .decode_request = openai_responses::decode_request,
    .needs_no_state = openai_responses::needs_no_state,
    .encode_response = openai_responses::encode_response,
    .stream_encoder = openai_responses::stream_encoder,
    .encode_error = openai_chat::encode_error,  // both formats of the vendor have the same errors
    .encode_request = openai_responses::encode_request,
    .decode_response = openai_responses::decode_response,
    .stream_decoder = openai_responses::stream_decoder,
    .decode_error = openai_chat::decode_error,
    .relax = openai_responses::relax,
    .peek_response = openai_responses::peek_response,
    .peek_event = openai_responses::peek_event,
};

}  // namespace pb::llm
