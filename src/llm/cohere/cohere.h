// The dialect of Cohere's chat, version 2 (POST /v2/chat). Facts: Cohere's OpenAPI document, cohere-ai 8.1.0, recorded answers.
//
// Choices a reader may look for:
// - `tool_plan`, what the model says before its calls, is text: towards providers the text of a message with calls is its plan.
// - `documents` are document blocks at the beginning of the last user's message, and the other way round.
// - One tool that must be called is said by sending that tool alone with tool_choice REQUIRED.
// - Neighbouring texts are one content block towards clients, as these expect one; citations count characters in it.
// - The format has no field for signatures: what other providers signed is kept by the gateway (gateway/recall.h).
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.h"
#include "llm/fields.h"

namespace pb::llm::cohere {

inline constexpr Str kName = "cohere";
inline constexpr Str kPlan = "tool_plan";  // Block.detail of a text that stood there

// --- values.cpp ---
Stop read_finish(Str reason);
Str write_finish(Stop stop);
Usage read_usage(json::Value usage);
void write_usage(json::Writer&, const Usage&);
// A document as requests have it: a string, or {id, data}. The block's `raw` is the value.
Result<Block> read_document(json::Value, const Path& at, json::Arena& arena);
void write_document(json::Writer&, const Block& document, std::size_t number);
// The texts of a document's content, and its own.
std::string document_text(const Block& document);
// Thinks when asked to, and takes `thinking`: by the model's name.
bool reasons(Str model);
// OpenAI's shape of what Cohere's logprobs say, and back.
json::Value read_logprobs(json::Value items, json::Arena& arena);
void write_logprob(json::Writer&, json::Value token);
// A citation of a text of `block_text` that begins `offset` characters into content block `index`; false (and nothing written)
// when it has no counterpart.
bool write_citation(json::Writer&, json::Value citation, Str format, Str block_text, std::int64_t offset,
                    int index);

// --- the functions of the dialect ---
std::span<const FeatureNote> notes();              // notes.cpp
Result<Request> decode_request(std::string body);  // request_decode.cpp
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string&);  // request_encode.cpp
// False when no message has content that the format can carry.
bool write_messages(const Request&, const EncodeOptions&, Dropped&, json::Writer&);     // messages_encode.cpp
Result<Response> decode_response(std::string body);                                     // response_decode.cpp
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string&);  // response_encode.cpp
std::unique_ptr<StreamDecoder> stream_decoder();                                        // stream_decode.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);                    // stream_encode.cpp
// Shared by whole answers and streams: the text, thinking, calls and citations of a message.
void read_message(json::Value message, json::Arena& arena, std::vector<Block>& out);  // response_decode.cpp

}  // namespace pb::llm::cohere
