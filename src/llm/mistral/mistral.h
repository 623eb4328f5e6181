// The dialect of Mistral's chat completions: OpenAI's format with content chunks of its own, reasoning as a chunk, call ids
// of nine letters and digits, strict rules on the order of roles, and no member it does not know. Reading is shared with
// openai_chat, which is liberal; writing is here. Facts: Mistral's OpenAPI document, @mistralai/mistralai 2.7.0, the order of
// roles as mistral-common checks it, recorded answers.
//
// Choices a reader may look for:
// - Towards providers, system text after an assistant's or a tool's message becomes a user's message, and a short assistant's
//   message stands between tool results and a user's message: the API has refused both orders.
// - An assistant's message at the end of a request is the beginning of the answer: `prefix`.
// - Thinking goes back to models that reason only, and `reasoning_effort` in the words they know (see reasoning_of()).
// - Towards clients, reasoning signed by another provider is packed into the `signature` of a thinking chunk (llm/carry.h).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::mistral {

inline constexpr Str kName = "mistral";
inline constexpr openai_chat::Variant kVariant{kName, "any", false};

// --- values.cpp ---
// An id that fits ^[a-zA-Z0-9]{9}$: the given one, or one derived from it (always the same).
std::string call_id(Str id);
// What a model makes of `reasoning_effort`, by its name.
enum class Reasoning : std::uint8_t {
  none,    // refuses the parameter, and thinking chunks
  always,  // thinks, and refuses the parameter
  on_off,  // "none" and "high"
  levels,  // "low", "medium" and "high" too
};
Reasoning reasoning_of(Str model);
Str finish_of(Stop stop);  // finish_reason
void write_usage(json::Writer&, const Usage&, Str service_tier);
// {"type":"thinking","thinking":[{"type":"text","text":…}],"signature":…}; without text the list is empty.
void write_thinking(json::Writer&, Str text, Str signature);
// The members of a call's object; the input of a custom call becomes {"input":…}.
void write_call(json::Writer&, const Block& call, Str id, int index);

// --- the functions of the dialect ---
std::span<const FeatureNote> notes();              // notes.cpp
Result<Request> decode_request(std::string body);  // request_decode.cpp
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string& out);  // request_encode.cpp
// False when no message has content that the format can carry.
bool write_messages(const Request&, const EncodeOptions&, Dropped&, json::Writer&);  // messages_encode.cpp
Result<Response> decode_response(std::string body);                                  // response.cpp
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string& out);  // response.cpp
std::unique_ptr<StreamDecoder> stream_decoder();                                            // mistral.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);             // stream_encode.cpp
void encode_error(const Error&, std::string_view request_id, std::string& out);  // errors.cpp
void write_error(json::Writer&, const Error&);                                   // errors.cpp

}  // namespace pb::llm::mistral
