// The parts of the `openai_chat` dialect (OpenAI Chat Completions), one .cpp file each; openai_chat.cpp puts them
// together as kOpenaiChat. Facts: OpenAI's published types (openai 7.55.0) and recorded answers of the vendors.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llm/carry.h"
#include "llm/dialect.h"
#include "llm/fields.h"

namespace pb::llm::openai_chat {

inline constexpr std::string_view kName = "openai_chat";

// What a relative of this format (Mistral's) says another way, where encoders are shared. Decoders are liberal: they read
// the relatives' spellings too, and take the name of the dialect they read for.
struct Variant {
  std::string_view name;                    // of the dialect
  std::string_view must_call = "required";  // the tool_choice that demands a call
  bool custom_tools = true;                 // knows free-text tools; else they become functions of one string
};
inline constexpr Variant kOpenai{kName};

// Requests.
std::span<const FeatureNote> notes();                                        // notes.cpp
Result<Request> decode_request(std::string body);                            // request.cpp
Result<Request> read_request(std::string body, Str format);                  // request.cpp
Result<void> decode_messages(json::Value list, const Path& at, Request& r);  // messages.cpp
// Into `b`, which is fresh: parts_read.cpp
Result<void> read_part(json::Value part, const Path& at, Str format, json::Arena& arena, Block& b);
// The texts of [{type: text, text}, …].
Str joined_text(json::Value pieces, json::Arena& arena);  // parts_read.cpp
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&,
                            std::string& out);  // encode.cpp
void encode_messages(const Request&, const EncodeOptions&, Dropped&,
                     json::Writer&);  // encode_messages.cpp
// The members `tools`, `tool_choice` and `parallel_tool_calls`; `response_format`: encode_tools.cpp.
void write_tools(const Request&, const Quirks&, const Variant&, Dropped&, json::Writer&);
void write_response_format(const Request&, const Quirks&, const Variant&, Dropped&, json::Writer&);
// The members of a function that stands for a free-text tool: one string `input`, its grammar in the description.
void write_custom_as_function(json::Writer&, const Tool&);

// Answers.
Result<Response> decode_response(std::string body);            // response.cpp
Result<Response> read_response(std::string body, Str format);  // response.cpp
void encode_response(const Response&, const ResponseOptions&, Dropped&,
                     std::string& out);                               // encode_response.cpp
std::unique_ptr<StreamDecoder> stream_decoder();                      // stream_decode.cpp
std::unique_ptr<StreamDecoder> stream_reader(Str format);             // stream_decode.cpp
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);  // stream_encode.cpp

// Errors: errors.cpp.
Error decode_error(int status, std::string_view body);
Error error_of_json(int status, json::Value root);  // the same for a parsed body
void encode_error(const Error&, std::string_view request_id, std::string& out);
// {"message":…,"type":…,"param":…,"code":…}
void write_error_object(json::Writer&, const Error&);

// Same-format relays: peek.cpp.
void peek_response(std::string_view body, Peek& peek);
void peek_event(std::string_view name, std::string_view data, Peek& peek);

// Shared vocabulary: values.cpp.
Usage read_usage(json::Value usage);
void write_usage(json::Writer&, const Usage&);
Stop read_finish(std::string_view finish_reason);
// `refused`: the choice holds a refusal of its own, so that the end is an ordinary one.
std::string_view write_finish(Stop stop, bool refused);
// The effort that stands for a thinking budget; 0 = not given.
Str effort_of_budget(std::int64_t tokens);
// A response format's name in the letters that are allowed there; "response" for none.
std::string schema_name(Str name);
// The tier that served an answer, in this format's words.
Str write_tier(Str tier);
// The reasoning of a message or a delta in all the spellings vendors use, as thinking, redacted and opaque blocks.
void read_reasoning(json::Value message, json::Arena& arena, std::vector<Block>& out);
// One block of reasoning as an entry of `reasoning_details`; `same_format`: its own members may be written back.
void write_reasoning_detail(json::Writer&, const Block&, int index, bool same_format);
// Whether something of the block belongs into `reasoning_details`: reasoning, or the signature of a text or a call.
bool is_detail(const Block&);
// The entry of a block that is_detail(); signatures of texts and calls are packed (llm/carry.h).
void write_detail(json::Writer&, const Block&, int index, bool same_format);
// Call arguments as JSON text: what is not JSON becomes {"input": "…"}, so that every format can carry it.
Str json_arguments(json::Value arguments, json::Arena& arena);
// Members of `object` that are not in `known`, as an object value (null when there are none).
json::Value unknown_members(json::Value object, std::span<const std::string_view> known, json::Arena& arena);
void write_extra(json::Writer&, json::Value extra);
// The first members of a whole answer: `id`, `object`, `created` and `model`.
void write_head(json::Writer&, Str object, const Response&, const ResponseOptions&);
// The members of a whole tool call, inside its object; no arguments are written as {}. `custom_tools`: the reader knows them.
void write_call(json::Writer&, const Block& call, bool custom_tools = true);
// The same with another id, for relatives without free-text tools: their input becomes the argument `input`.
void write_function_call(json::Writer&, const Block& call, Str id);
// What is said instead of an image that the reader cannot be given: another provider's file, or a URL where only data is taken.
// What is lost is noted. nullopt: it can.
std::optional<std::string> image_in_words(const Block&, const Quirks&, Dropped&);
// The members `type` and `image_url` of an image that has a URL or data.
void write_image(json::Writer&, const Block&);
// `extra_content` of a call, where Google's own endpoint of this format has a call's signature: clients that keep a call as it
// came, but not `reasoning_details`, send it back.
void write_call_signature(json::Writer&, Str signature);
void drop_extra(json::Value extra, Dropped&);
void write_url_or_data(json::Writer&, const Block&);  // a string: the URL, or a data: URL

}  // namespace pb::llm::openai_chat
