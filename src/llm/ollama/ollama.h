// The parts of Ollama's native format, one .cpp file each; ollama.cpp puts them together as two dialects: `ollama`
// (/api/chat), spoken by both sides, and `ollama_generate` (/api/generate: one prompt, one answer), spoken by clients and
// passed on to providers of the same format. Facts: the ollama repository's api/types.go, server/routes.go, docs/api.md and
// docs/openapi.yaml as of 2026-08, and the npm package ollama 0.6.4.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.h"
#include "llm/fields.h"

namespace pb::llm::ollama {

inline constexpr std::string_view kName = "ollama";
inline constexpr std::string_view kGenerateName = "ollama_generate";
// An option of `options` that the conversation has no place for is kept in Request.extra under this and its own name.
inline constexpr std::string_view kOptionPrefix = "options.";
// Unknown members of the `function` of a tool or a call, likewise in its extra.
inline constexpr std::string_view kFunctionPrefix = "function.";

// What an answer's words stand in.
enum class Shape : std::uint8_t {
  chat,      // message: {role, content, thinking, tool_calls}
  generate,  // response, thinking, tool_calls
};

// Requests.
std::span<const FeatureNote> notes();                                        // notes.cpp
Result<Request> decode_request(std::string body);                            // request_decode.cpp
Result<Request> decode_generate(std::string body);                           // request_decode.cpp
Result<void> decode_messages(json::Value list, const Path& at, Request& r);  // messages_decode.cpp
// The entries of `images` as image or audio blocks, by what their first bytes say they are. messages_decode.cpp
Result<void> decode_images(json::Value list, const Path& at, std::vector<Block>& out);
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string& out);                        // request_encode.cpp
void encode_messages(const Request&, Dropped&, json::Writer&);        // messages_encode.cpp
json::Value tool_parameters(json::Value schema, json::Arena& arena);  // tool_schema.cpp
bool relax(const Error& error, Request& r, Dropped& dropped);         // request_encode.cpp

// Answers.
Result<Response> decode_response(std::string body);  // response_decode.cpp
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string& out, Shape);
std::unique_ptr<StreamDecoder> stream_decoder();                             // stream_decode.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&, Shape);  // stream_encode.cpp

// Errors: errors.cpp.
Error decode_error(int status, std::string_view body);
Error error_of_line(json::Value root);  // {"error": …} in a stream or under status 200
void encode_error(const Error&, std::string_view request_id, std::string& out);

// Same-format relays: peek.cpp.
void peek_response(std::string_view body, Peek& peek);
void peek_event(std::string_view name, std::string_view data, Peek& peek);

// Shared vocabulary: values.cpp.
Usage read_usage(json::Value answer);
Stop read_done_reason(Str reason, bool calls);
Str write_done_reason(Stop stop);
// RFC 3339 -> Unix seconds; 0 when it cannot be read.
std::int64_t read_time(Str text);
// Unix seconds as nanoseconds; 0 for times that these cannot hold.
std::int64_t as_ns(std::int64_t unix_s);
// "2026-11-21T10:31:07.250000Z", without quotes.
void append_time(std::string& out, std::int64_t unix_ns);
// Log probabilities from and to OpenAI's shape {content: [{token, logprob, bytes, top_logprobs}], refusal}.
json::Value read_logprobs(json::Value list, json::Arena& arena);
void write_logprobs(json::Writer& w, json::Value logprobs);
// The object of a call's arguments as JSON text, "" for an empty one. What is no object is wrapped: {"input": …}.
Str read_arguments(json::Value arguments, json::Arena& arena);
void write_arguments(json::Writer& w, Str arguments, bool custom);
// The object of a call: {"id": …, "function": {"index": …, "name": …, "arguments": {…}}}.
// `extra`: unknown members of a call of this format, or null.
void write_call(json::Writer& w, const Block& call, Str arguments, int index, json::Value extra = {});
// An id for a call that came without one: the same for the same answer, another for another.
std::string call_id(Str created_at, Str name, Str arguments, std::size_t number);
// The counts and, where `times` tells them, the durations of an answer's last part, as members of the open object.
// `own`: durations the provider itself told, or null.
void write_metrics(json::Writer& w, const Usage& usage, const Times* times, json::Value own);
bool is_duration(Str member);
// The members with `prefix` before each name; and written back without it.
json::Value prefixed(Str prefix, json::Value members, json::Arena& arena);
void write_prefixed(json::Writer& w, json::Value extra, Str prefix);
// The other members of `extra`.
void write_unprefixed(json::Writer& w, json::Value extra, Str prefix);

}  // namespace pb::llm::ollama
