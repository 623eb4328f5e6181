// A wire format ("dialect") is a struct of pure functions over the canonical conversation. The gateway uses
// decode_request / encode_response / StreamEncoder / encode_error towards its clients and the other four
// towards providers; the simulator, being a provider, uses the first four too. A null function means
// "cannot". Adding a format: one file with a `const Dialect` and one row in dialects().
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "llm/chat.h"
#include "llm/event_reader.h"

namespace pb::llm {

// Names of what an encoder could not carry to its target ("top_k", "thinking.signature", "cache_control"),
// each once. They reach the client in `x-patchbay-dropped`. Names are string literals or views into the Request.
class Dropped {
 public:
  void add(std::string_view name);
  std::span<const std::string_view> names() const { return names_; }
  bool empty() const { return names_.empty(); }
  std::string header() const;  // "top_k, cache_control", safe for a header value

 private:
  std::vector<std::string_view> names_;
};

// What a provider accepts short of its format's full width: data, from its row in providers.cpp.
struct Quirks {
  bool max_completion_tokens = false;  // wants `max_completion_tokens` (OpenAI itself), else `max_tokens`
  bool developer_role = false;         // knows the `developer` role, else it becomes `system`
  bool stream_options = true;          // accepts stream_options.include_usage
  bool reasoning_effort = true;        // accepts reasoning_effort
  bool json_schema = true;             // accepts response_format json_schema, else json_object + instruction
  bool parallel_tool_calls = true;     // accepts the parameter
  bool custom_tools = false;           // knows free-text tools, else they become functions of one string
  bool image_url = true;               // accepts http(s) image URLs
  bool strict_schema = false;  // strict tools need additionalProperties:false and all properties required
  // Keeps conversations itself, so that clients may send the newest messages only (Anthropic `thread`, Responses
  // `previous_response_id`).
  bool threads = false;
  bool openrouter = false;  // cache_control on content parts and `reasoning` objects are understood
  std::string_view reasoning_field = "reasoning_content";  // where it returns and takes reasoning text
  std::int64_t default_max_tokens = 8192;  // for formats that require max_tokens when the client gave none
};

struct EncodeOptions {
  std::string_view model;  // the name the provider knows
  Quirks quirks;
};

// Decodes one upstream stream. Views in the events are valid until the next call.
class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  // One SSE event: its `event:` name ("" when none) and its data. Appends to `out`. Malformed input appends
  // an error event; after one, all further input is ignored.
  virtual void feed(std::string_view name, std::string_view data, std::vector<Event>& out) = 0;
  // The upstream body ended. Appends the closing events, or an error when the answer was cut short.
  virtual void finish(std::vector<Event>& out) = 0;
};

// When the parts of an answer came, in Unix nanoseconds, for formats that tell it. The caller keeps `now` current while it
// encodes; whoever has no clock passes none.
struct Times {
  std::int64_t asked = 0;  // the request arrived
  std::int64_t first = 0;  // the first words; 0 = not yet, or not known because the answer came whole
  std::int64_t now = 0;
};

struct StreamOptions {
  std::string_view id;         // used when the upstream gave none
  std::string_view model;      // the name the client asked for; must outlive the encoder
  std::int64_t created = 0;    // Unix seconds
  bool include_usage = false;  // the client asked for usage
  bool array = false;          // events are the elements of one JSON array (Gemini without alt=sse)
  bool begun = false;          // bytes of this answer have been sent before
  const Request* request =
      nullptr;                   // what the client asked, for formats that repeat it; outlives the encoder
  const Times* times = nullptr;  // outlives the encoder; null = `created` is all that is known
};

// Encodes one stream to a client: appends whole events, in the dialect's framing ("event: …\ndata: …\n\n"), to `out`.
class StreamEncoder {
 public:
  virtual ~StreamEncoder() = default;
  virtual void encode(const Event& event, std::string& out) = 0;
};

struct ResponseOptions {
  std::string_view id;     // used when the upstream gave none
  std::string_view model;  // the name the client asked for; "" = the response's own
  std::int64_t created = 0;
  const Request* request = nullptr;  // what the client asked, for formats that repeat it
  const Times* times = nullptr;      // null = `created` is all that is known
};

// What a same-format relay learns from an answer without decoding it.
struct Peek {
  Usage usage;
  Stop stop = Stop::unset;
  bool error = false;       // an error event in the stream
  bool done = false;        // the stream's proper end was seen
  bool usage_only = false;  // OpenAI's extra last chunk that carries nothing but usage
};

// What becomes of a feature towards one format, in words: the dialect's own part of docs/translation.md.
struct FeatureNote {
  std::string_view feature;  // a name of features()
  std::string_view text;     // "kept…", "emulated: how", "dropped: why"
};

struct Dialect {
  std::string_view name;  // "openai_chat": in configuration, docs and metrics
  // The dialect that this one is a further door of: its clients' requests are passed on where that one is spoken, at the path
  // beside its own, and translated elsewhere; no request is written in it. "" = a format of its own.
  std::string_view door_of = {};
  // Of the endpoint below the base URL: "/chat/completions". "{model}" stands for the provider's name of the model.
  std::string_view path;
  std::string_view stream_path;  // of streamed requests, where it differs (may hold a query); "" = path
  // Of its token counter, where it has one: "/count_tokens" is added to `path`, ":countTokens" takes the place of its verb.
  std::string_view count_end = {};
  std::string_view count_member = {};  // of the counter's answer: "input_tokens"
  Framing framing = Framing::sse;      // of a stream
  std::string_view content_type;       // of a streamed answer
  std::string_view keep_alive =
      ": keep-alive\n\n";       // bytes of a stream that mean nothing; "" = there are none
  bool done_marker = false;     // streams end with "data: [DONE]"
  bool model_in_path = false;   // the body names neither the model nor whether to stream
  bool stream_default = false;  // a request that does not say streams
  bool carries = false;         // its clients send opaque fields back, which may hold what carry.h packed
  std::string_view id_prefix;   // of an answer's id: "chatcmpl-"
  std::string_view ask_usage;   // member that makes a stream report its usage; "" = it always does
  std::span<const FeatureNote> (*notes)() = nullptr;

  // Gateway side: what clients send and get. decode_request takes the body over.
  Result<Request> (*decode_request)(std::string body) = nullptr;
  // Refuses a request that only a provider of this format can answer (it goes on from what such a provider keeps, or asks several
  // things at once), before it is encoded for another format; null = there is no such request.
  Result<void> (*needs_no_state)(const Request&) = nullptr;
  void (*encode_response)(const Response&, const ResponseOptions&, Dropped&, std::string& out) = nullptr;
  std::unique_ptr<StreamEncoder> (*stream_encoder)(const StreamOptions&) = nullptr;
  void (*encode_error)(const Error&, std::string_view request_id, std::string& out) = nullptr;

  // Provider side.
  Result<void> (*encode_request)(const Request&, const EncodeOptions&, Dropped&, std::string& out) = nullptr;
  Result<Response> (*decode_response)(std::string body) = nullptr;
  std::unique_ptr<StreamDecoder> (*stream_decoder)() = nullptr;
  // The error in a provider's non-2xx body; never fails: an unreadable body becomes a message that says so.
  Error (*decode_error)(int status, std::string_view body) = nullptr;
  // Takes out of a request what a provider refused with `error`, where the answer is worth having without it (thinking of a
  // model that does not think), and names it as dropped. False when there is nothing of that kind: the error stands.
  bool (*relax)(const Error& error, Request&, Dropped&) = nullptr;

  // Same-format relays: usage and stop reason of a whole body, or of one stream event (merged into `peek`).
  void (*peek_response)(std::string_view body, Peek& peek) = nullptr;
  void (*peek_event)(std::string_view name, std::string_view data, Peek& peek) = nullptr;
};

// The formats that speak both to clients and to providers.
std::span<const Dialect* const> dialects();
std::span<const Dialect* const> doors();  // those with door_of; not among dialects()
// A format or a door.
const Dialect* find_dialect(std::string_view name);

// The features of the formats, by the names that x-patchbay-dropped uses. What each format does with them is in its `notes`.
struct Feature {
  std::string_view name;  // "cache_control"
  std::string_view what;  // one line for the docs
};
std::span<const Feature> features();
// What a dialect's notes say of a feature; "" when nothing.
std::string_view note_of(const Dialect& dialect, std::string_view feature);
std::string translation_page();  // Markdown

}  // namespace pb::llm
