// The dialect of Google's Gemini API (generateContent). What the files of this folder share; nothing else includes this.
// Facts: the types of npm @google/genai 3.1.0, the public description google/ai/generativelanguage/v1beta, recorded answers.
//
// Choices a reader may look for:
// - Members are read in both of Google's spellings (fileData, file_data) and written in the first.
// - A call that comes without an id gets one that is the same whenever the conversation is read again; results without an
//   id belong to the first unanswered call of their name.
// - Contents of role model that follow one another are one turn: the SDK's chat keeps each streamed chunk as a content.
// - Clients drop parts with `thought`, or keep them, but send `thoughtSignature` of calls and texts back: reasoning of other
//   formats' providers travels there (carry.h).
// - Streams have no mark for their end, and the SDKs of Google take no comments: a silent stream is kept alive by blank lines.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/carry.h"
#include "llm/chat.h"
#include "llm/dialect.h"
#include "llm/dialects.h"
#include "llm/fields.h"

namespace pb::llm::gemini {

inline constexpr Str kName = "gemini";
// What the API takes for the signature of a call that its model did not make (docs: "Thought signatures").
inline constexpr Str kNoSignature = "skip_thought_signature_validator";

// --- members in both spellings: members.cpp ---
bool is_snake(Str key, Str camel);  // a spelling of `camel` that is longer than it
inline bool is_named(Str key, Str camel) {
  return key.size() == camel.size() ? key == camel : key.size() > camel.size() && is_snake(key, camel);
}
json::Value get(json::Value object, Str camel);
Result<Str> get_string(json::Value object, Str camel, const Path& at);
Result<std::optional<std::int64_t>> get_int(json::Value object, Str camel, const Path& at);  // may be < 0
Result<std::optional<double>> get_double(json::Value object, Str camel, const Path& at);
Result<std::optional<bool>> get_bool(json::Value object, Str camel, const Path& at);
// The members whose names are not in `known`; null when there are none.
json::Value others(json::Value object, std::initializer_list<Str> known, json::Arena& arena);
// A lone value counts as a list of one, as with Google. The span may point at `v`.
std::span<const json::Value> as_list(const json::Value& v);

// --- parts: parts_decode.cpp, turn.cpp, parts_encode.cpp ---
// Into `b`, which is fresh.
Result<void> decode_part(json::Value part, const Path& at, json::Arena& arena, Block& b);
// Puts parts one after the other into a message's blocks: texts that streaming cut are joined, packed reasoning (carry.h) is
// restored to where it stood. `model`: the parts are an answer's.
class TurnReader {
 public:
  TurnReader(json::Arena& arena, std::vector<Block>& out, bool model)
      : arena_(arena), out_(out), model_(model) {}
  void add(Block&& b);
  void finish();

 private:
  bool join(const Block& b);
  void flush();
  void unpack_before(Str packed, const Block& owner);

  json::Arena& arena_;
  std::vector<Block>& out_;
  bool model_;
  std::size_t run_ = SIZE_MAX;  // the block that further text is joined to
  std::string run_text_;        // its text, once there was something to join
  std::vector<Str> packed_;     // seen in this turn
  bool placeholders_ = false;
};

// Reasoning of other formats' providers on its way to a client: gathered from blocks, handed out packed with the text and with
// the call that follow it. `own` is the format of blocks that name none.
class Carrier {
 public:
  explicit Carrier(Str own) : own_(own) {}
  void add(const Block& b);  // thinking or redacted thinking; copies what it needs
  // "" when nothing is to be carried there. `extra`: a text or call with a foreign signature of its own.
  std::string for_text(const Block& extra);
  std::string for_call(const Block& extra);
  std::string for_end();  // what no part took
  bool takes(const Block& b) const;
  bool empty() const { return held_.empty(); }

 private:
  struct Held {
    Block::Kind kind;
    std::string text, signature, data, item_id;
  };
  std::string packed(const Block* extra, bool with_unsigned);
  Str own_;
  std::string format_;
  std::vector<Held> held_;
  bool text_took_ = false;
};

// `same`: the request or answer came in this format, so that the block's raw parts may go back as they were.
void write_media(json::Writer& w, const Block& b, bool same);  // inlineData or fileData with its key
// Whether inlineData or fileData can be made of the block.
bool has_media(const Block& b);
void write_call(json::Writer& w, const Block& b);  // the functionCall object
// Calls' arguments as an object: what is no JSON object is wrapped as {"input": …}.
void write_args(json::Writer& w, const Block& call);
bool is_own(const Block& b, Str default_format);  // signed by a provider of this format
// The media type that a URL's path ends in; "" when it tells none.
Str type_of_url(Str url, Block::Kind kind);

// --- stop reasons, usage, ids, probabilities, sources: values.cpp, citations.cpp ---
Stop read_finish(Str reason);
Str write_finish(Stop stop);
// The answer holds nothing because the model failed (a malformed call, …): worth another try.
bool is_failure(Str reason);
Usage read_usage(json::Value usage);
json::Value usage_rest(json::Value usage, json::Arena& arena);
void write_usage(json::Writer& w, const Usage& usage, json::Value rest);
std::string made_up_id(Str response_id, int choice, std::size_t index, const Block& call);
json::Value read_logprobs(json::Value result, json::Arena& arena);  // to OpenAI's shape
void write_logprobs(json::Writer& w, json::Value logprobs);  // logprobsResult and avgLogprobs with keys
// Sources of an answer as [{type, url, title, start_index, end_index, cited_text}]; null when there are none.
json::Value read_citations(json::Value candidate, json::Arena& arena);
// citationMetadata with its key, of citations in any format's shape; false when none has a URL.
bool write_citations(json::Writer& w, std::span<const json::Value> citations);
// Members of a candidate that are not read; kept in Choice.extra.
json::Value candidate_rest(json::Value candidate, json::Arena& arena);
json::Value response_rest(json::Value body, json::Arena& arena);
// 205 for gemini-2.5-pro, 300 for gemini-3-flash, 9999 for a Gemini without a number, 0 for what is no Gemini.
int gemini_version(Str model);

// --- the functions of the dialect ---
std::span<const FeatureNote> notes();  // notes.cpp
Result<Request> decode_request(std::string body);
Result<void> decode_config(json::Value body, const Path& at, Request& r, std::vector<json::Member>& extra);
Result<void> decode_tools(json::Value body, const Path& at, Request& r, std::vector<json::Member>& extra);
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&, std::string& out);
Result<Response> decode_response(std::string body);
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string& out);
std::unique_ptr<StreamDecoder> stream_decoder();
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);
Error decode_error(int status, std::string_view body);
void encode_error(const Error&, std::string_view request_id, std::string& out);
Error read_error(json::Value error, int status);  // the object under "error"
void write_error(json::Writer& w, const Error&, std::string_view request_id);
// An Error for an answer that `is_failure`.
Error failure(Str reason, Str message);
void peek_response(std::string_view body, Peek& peek);
void peek_event(std::string_view name, std::string_view data, Peek& peek);

}  // namespace pb::llm::gemini
