// The parts of the `openai_responses` dialect (OpenAI Responses API), one .cpp file each; openai_responses.cpp puts them
// together as kOpenaiResponses. Facts: OpenAI's published types (openai 7.55.0) and recorded answers.
//
// How its items stand in the conversation:
// - The items of one turn of the model (reasoning, message, calls, built-in calls) are one assistant Message. What belongs to
//   a `message` item and not to one of its parts stands in the `extra` of its first block, as "item.phase".
// - reasoning: `thinking` with the summary as text and `encrypted_content` as signature; without any text it is
//   `redacted_thinking`. `raw` keeps the item as it came.
// - Tools of a namespace are tools named "space__name" with `name_space`; `raw` keeps the tool as it stood in its namespace.
// - `additional_tools` and `configuration_update` items are taken into the request; client-side tool search becomes a function
//   `tool_search`, its call and its output a call and a result that keep the item in `raw`.
// - Items that no other format has are opaque blocks; `detail` is "part" for opaque parts of a message.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.h"
#include "llm/fields.h"

namespace pb::llm::openai_responses {

inline constexpr Str kName = "openai_responses";
inline constexpr Str kEncrypted = "reasoning.encrypted_content";  // of `include`
inline constexpr Str kLogprobs = "message.output_text.logprobs";  // of `include`
inline constexpr Str kToolSearch = "tool_search";
inline constexpr Str kItemPrefix = "item.";  // see above

// --- requests ---
Result<Request> decode_request(std::string body);                                 // request_decode.cpp
Result<void> decode_input(json::Value input, const Path& at, Request& r);         // input_decode.cpp
Result<void> decode_tools(json::Value tools, const Path& at, Request& r);         // tools_decode.cpp
Result<void> decode_found_tools(json::Value tools, const Path& at, Request& r);   // of a tool search
Result<void> decode_tool_choice(json::Value choice, const Path& at, Request& r);  // tools_decode.cpp
Result<void> decode_text_format(json::Value format, const Path& at, Request& r);  // request_decode.cpp
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string& out);                                     // request_encode.cpp
bool relax(const Error&, Request&, Dropped&);                                      // request_encode.cpp
void encode_input(const Request&, const EncodeOptions&, Dropped&, json::Writer&);  // input_encode.cpp
// Members that a request has and its answer repeats, in the form both share: settings_encode.cpp.
void write_tools(json::Writer&, const Request&, const Quirks&, Dropped&);  // the array
bool has_tools(const Request&, Dropped&);                                  // whether any can be said here
void write_tool_choice(json::Writer&, const Request&);                     // the value
void write_text_config(json::Writer&, const Request&, const Quirks&, Dropped&, bool defaults);
void write_reasoning_config(json::Writer&, const Request&, Str effort, Str summary, bool defaults);
// What no other format can go on from: answers, conversations and prompts that a provider keeps, background work.
Result<void> needs_no_state(const Request&);  // state.cpp
std::span<const FeatureNote> notes();         // notes.cpp

// --- items and their parts, the same in requests and answers: items_decode.cpp ---
// An item that the model made, as blocks. `type` is the item's. Unknown types become opaque blocks.
Result<void> decode_output_item(json::Value item, Str type, const Path& at, json::Arena& arena,
                                std::vector<Block>& out);
// The parts of a message's or a result's content: a string or a list.
Result<void> decode_parts(json::Value content, const Path& at, json::Arena& arena, std::vector<Block>& out);

// --- answers ---
Result<Response> decode_response(std::string body);  // response_decode.cpp
Stop read_stop(json::Value response, bool called, bool refused);
Error error_of_response(json::Value response);  // of one with status "failed"
void encode_response(const Response&, const ResponseOptions&, Dropped&,
                     std::string& out);                               // response_encode.cpp
std::unique_ptr<StreamDecoder> stream_decoder();                      // stream_decode.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);  // stream_encode.cpp
void peek_response(std::string_view body, Peek& peek);                // peek.cpp
void peek_event(std::string_view name, std::string_view data, Peek& peek);

// --- vocabulary: values.cpp ---
Usage read_usage(json::Value usage);
void write_usage(json::Writer&, const Usage&);
// An answer's id: the given one when it is one of this format, else `fallback` made one.
std::string answer_id(Str id, Str fallback);
// "msg_<the answer's own part>_<n>"
std::string made_item_id(Str prefix, Str answer, int n);
// One citation of `block_format` as an annotation on the characters start to end of its part, `shift` being where its block
// begins there. False when this format cannot say it.
bool write_annotation(json::Writer&, json::Value citation, Str block_format, std::int64_t start,
                      std::int64_t end);
// The members of `extra` that belong to the item a block came in, without their prefix.
void write_item_extra(json::Writer&, json::Value extra);
void write_part_extra(json::Writer&, json::Value extra);
// OpenAI's chat shape {"content": […], "refusal": null} around a part's logprobs.
json::Value wrap_logprobs(json::Value list, json::Arena& arena);
// Whether the model behind a name reasons: others refuse to be asked for encrypted reasoning.
bool may_reason(Str model);
// A compaction the client asked for: the request ends in the item that asks, and the answer is one `compaction` item.
bool asks_compaction(const Request* request);

}  // namespace pb::llm::openai_responses
