#include "llm/gemini/gemini.h"

namespace pb::llm {

constinit const Dialect kGemini{
    .name = gemini::kName,
    .path = "/models/{model}:generateContent",
    .stream_path = "/models/{model}:streamGenerateContent?alt=sse",
    .count_end = ":countTokens",
    .count_member = "totalTokens",
    .content_type = "text/event-stream",
    .keep_alive =
        "\n\n",  // Google's SDKs for JavaScript before 2.0, Python and Go take comments for broken chunks
    .model_in_path = true,
    .carries = true,
    .id_prefix = {},
    .ask_usage = {},
    .notes = gemini::notes,
    .decode_request = gemini::decode_request,
    .encode_response = gemini::encode_response,
    .stream_encoder = gemini::stream_encoder,
    .encode_error = gemini::encode_error,
    .encode_request = gemini::encode_request,
    .decode_response = gemini::decode_response,
    .stream_decoder = gemini::stream_decoder,
    .decode_error = gemini::decode_error,
    .peek_response = gemini::peek_response,
    .peek_event = gemini::peek_event,
};

}  // namespace pb::llm
