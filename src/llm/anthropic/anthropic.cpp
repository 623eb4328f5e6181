#include "llm/anthropic/anthropic.h"

namespace pb::llm {

const Dialect kAnthropic{
    .name = anthropic::kName,
    .path = "/v1/messages",
    .stream_path = {},
    .count_end = "/count_tokens",
    .count_member = "input_tokens",
    .content_type = "text/event-stream",
    .carries = true,
    .id_prefix = "msg_",
    .ask_usage = {},
    .notes = anthropic::notes,
    .decode_request = anthropic::decode_request,
    .encode_response = anthropic::encode_response,
    .stream_encoder = anthropic::stream_encoder,
    .encode_error = anthropic::encode_error,
    .encode_request = anthropic::encode_request,
    .decode_response = anthropic::decode_response,
    .stream_decoder = anthropic::stream_decoder,
    .decode_error = anthropic::decode_error,
    .peek_response = anthropic::peek_response,
    .peek_event = anthropic::peek_event,
};

}  // namespace pb::llm
