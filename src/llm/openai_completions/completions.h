// The dialect of OpenAI's older text completions (POST /v1/completions). Facts: OpenAI's published types (openai 7.55.0).
//
// Choices a reader may look for:
// - A prompt is a user's message, as it stands. Where something is asked around it the block's `raw` holds {prompt, suffix,
//   echo}: with a suffix the message tells a chat model what is asked for, while this format gets both texts back as they came.
// - Several prompts are as many user's messages, each answered by itself: only a provider of this format can be asked more than
//   one at once (needs_no_state refuses the others).
// - Token ids mean something to one provider's tokenizer only: they are an opaque block with the same `raw`, which no other
//   format is asked with (needs_no_state again).
// - A request without a limit means 16 tokens, as the API has it, also where another format answers.
// - Towards providers a conversation becomes a transcript (transcript.cpp).
#pragma once
#include <memory>
#include <string>

#include "llm/openai_chat/openai_chat.h"

namespace pb::llm::openai_completions {

inline constexpr Str kName = "openai_completions";
inline constexpr std::size_t kPromptsMax = 2048;  // of one request; OpenAI's own limit
inline constexpr std::size_t kChoicesMax = 4096;  // prompts × n

std::span<const FeatureNote> notes();  // notes.cpp

Result<Request> decode_request(std::string body);  // request_decode.cpp
// How many prompts the request holds, each of which is answered by itself; 1 of every other format. Null counts as one.
std::size_t prompts_of(const Request* request);  // request_decode.cpp
// Refuses what no other format can ask: several prompts, the probabilities of a prompt's own tokens.
Result<void> can_be_a_chat(const Request&);  // request_decode.cpp
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string&);  // request_encode.cpp

// A conversation as one text, and whether it ends where the assistant's turn begins ("User:" begins the next one).
struct Transcript {
  std::string text;
  bool turns = false;
};
inline constexpr Str kNextTurn = "\nUser:";
Transcript write_transcript(const Request&, Dropped&);  // transcript.cpp

Result<Response> decode_response(std::string body);                                     // response.cpp
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string&);  // response.cpp
// What stands before the answer of choice `i` of `choices` when the client asks for its prompts back and the provider does not
// give them itself; `answered_by`: the answer's format. "" otherwise.
std::string echo_of(const Request*, Str answered_by, std::size_t i, std::size_t choices);  // response.cpp
std::unique_ptr<StreamDecoder> stream_decoder();                      // stream_decode.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);  // stream_encode.cpp

// logprobs.cpp: {tokens, token_logprobs, top_logprobs, text_offset} as chat completions say it ({content: […]}), and back;
// `offset`: of the first token in the choice's text, in characters.
json::Value read_logprobs(json::Value legacy, json::Arena& arena);
void write_logprobs(json::Writer&, json::Value chat, std::int64_t offset);

}  // namespace pb::llm::openai_completions
