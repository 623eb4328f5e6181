#include "llm/anthropic.h"

namespace pb::llm {

const Dialect kAnthropic{
    .name = anthropic::kName,
    .path = "/v1/messages",
    .content_type = "text/event-stream",
    .done_marker = false,
    .id_prefix = "msg_",
    .ask_usage = {},
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
