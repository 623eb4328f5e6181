// The canonical conversation: what every wire format is decoded into and encoded from.
// It is the union of what the formats can say; a field no target can carry is dropped by the encoder, which
// says so (see Dropped in dialect.h). Every string_view points into the `arena` or the text that the owning
// Request or Response holds, so these structs move but do not outlive their owner.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace pb::llm {

using Str = std::string_view;

// Who speaks. Formats differ on where `system` and `developer` may stand; both may stand anywhere here.
enum class Role : std::uint8_t { system, developer, user, assistant, tool };

// A prompt-cache mark on a block or a tool (Anthropic `cache_control`); ttl "" is the provider's default.
struct CacheMark {
  bool on = false;
  Str ttl;  // "", "5m", "1h"
};

struct Block {
  enum class Kind : std::uint8_t {
    text,   // text, citations
    image,  // url | data+media_type | file_id, detail
    document,  // url | data+media_type | file_id | text (plain) | content (text and image blocks), name = title or file name
    audio,      // data, media_type
    tool_call,  // id, name, arguments (JSON text, "" = none yet); custom tools: input in `text`
    tool_result,  // id = the call's, content, is_error; in messages of role tool, or of role user among other blocks
    thinking,           // text (may be ""), signature (opaque; only the provider of `format` can read it)
    redacted_thinking,  // data (opaque, as above)
    refusal,            // text
    opaque,  // `raw`, as written in format `format`: blocks only that format knows (server tools, …)
  };
  Kind kind = Kind::text;
  bool is_error = false;
  bool custom = false;  // tool_call of a custom (free text) tool, or its tool_result
  Str text;
  Str id;
  Str name;
  Str arguments;
  Str media_type;
  Str data;  // base64
  Str url;
  Str file_id;
  Str detail;     // image detail
  Str signature;  // of thinking; also of a text or tool_call (Gemini `thoughtSignature`)
  Str format;  // the dialect that wrote the signature, `data` of redacted thinking, citations, `raw` and `extra`
  Str item_id;     // OpenAI Responses: the id of the item it came in (`id` is a call's own)
  Str name_space;  // tool_call: the namespace of the tool (OpenAI Responses); `name` is "space__name" then
  CacheMark cache;
  json::Value
      citations;      // of a text block, as Anthropic or OpenAI (annotations) wrote them; `format` says which
  json::Value raw;    // of an opaque block
  json::Value extra;  // members the decoder did not know, by name (object); same-format encoders restore them
  std::vector<Block> content;  // of a tool_result or a document
};

struct Message {
  Role role = Role::user;
  Str name;  // OpenAI participant name
  std::vector<Block> content;
  bool top_level = false;  // system text that stood outside the list of messages (Anthropic `system`)
  json::Value extra;       // unknown members (per-message output_config, …)
};

struct Tool {
  enum class Kind : std::uint8_t {
    function,  // name, description, parameters
    custom,    // free-text input; `raw` holds the grammar
    opaque,    // a provider's own (web_search_20250305, …): `raw`, `format`
  };
  Kind kind = Kind::function;
  Str name;
  Str name_space;  // OpenAI Responses: tools of one namespace; formats without them join both as "space__name"
  Str name_space_description;
  Str description;
  json::Value parameters;  // JSON Schema; null = none given
  std::optional<bool> strict;
  CacheMark cache;
  Str format;
  json::Value raw;
  json::Value extra;
  bool found =
      false;  // it came in a result of a tool search (OpenAI Responses), which that format sends back instead
};

struct ToolChoice {
  enum class Kind : std::uint8_t { unset, automatic, none, required, named };
  Kind kind = Kind::unset;
  Str name;
  std::vector<Str> allowed;  // of the kinds automatic and required: the tools that may be called; empty = all
};

struct ResponseFormat {
  enum class Kind : std::uint8_t { unset, text, json_object, json_schema };
  Kind kind = Kind::unset;
  Str name;
  Str description;
  json::Value schema;
  std::optional<bool> strict;
};

struct Thinking {
  enum class Kind : std::uint8_t { unset, disabled, enabled, adaptive };
  Kind kind = Kind::unset;
  std::int64_t budget_tokens = 0;  // of `enabled`; 0 = not given
  Str display;  // "summarized", "omitted" or another of Anthropic's words: whether the client wants to see it; "" = not given
  Str summary;  // OpenAI Responses `reasoning.summary`: "auto", "concise", "detailed"
};

struct Request {
  Request() = default;
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;

  Str model;
  std::vector<Message> messages;
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  std::optional<bool> parallel_tool_calls;
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature, top_p, frequency_penalty, presence_penalty;
  std::optional<std::int64_t> top_k, seed, n, top_logprobs;
  std::optional<bool> logprobs, store;
  std::vector<Str> stop;
  bool stream = false;
  bool stream_usage = false;  // the client asked for usage in the stream (always true for Anthropic)
  ResponseFormat response_format;
  Thinking thinking;
  Str effort;  // "none" "minimal" "low" "medium" "high" "xhigh" "max"; "" = not given
  Str user;    // OpenAI `user`/`safety_identifier`, Anthropic `metadata.user_id`
  Str service_tier;
  Str verbosity;
  Str prompt_cache_key;
  Str previous_response_id;  // the conversation goes on from an answer that a server keeps (OpenAI Responses)
  json::Value metadata;      // OpenAI metadata map
  json::Value logit_bias;
  json::Value extra;  // unknown top-level members (object): dropped, by name, when the format changes
  Str format;         // the dialect it was decoded by

  json::Arena arena;
  std::unique_ptr<std::string> text;  // the body the views point into; never moved itself
};

enum class Stop : std::uint8_t {
  unset,
  end,
  max_tokens,
  stop_sequence,
  tool_use,
  refusal,
  content_filter,
  pause,
  context_full
};

struct Usage {
  std::int64_t input = 0;           // all prompt tokens, cached ones included
  std::int64_t output = 0;          // all produced tokens, reasoning ones included
  std::int64_t cache_read = 0;      // of input
  std::int64_t cache_write = 0;     // of input
  std::int64_t cache_write_1h = 0;  // of cache_write, kept for an hour
  std::int64_t reasoning = 0;       // of output
  std::int64_t audio_input = 0, audio_output = 0;
  bool known = false;
  // Takes each figure that `later` knows (streams report usage in parts, cumulatively).
  void merge(const Usage& later);
};

struct Choice {
  std::vector<Block> content;
  Stop stop = Stop::unset;
  Str stop_sequence;
  json::Value logprobs;      // OpenAI shape
  json::Value stop_details;  // Anthropic shape
  json::Value extra;         // unknown members of the choice, of the Response's `format`
};

struct Response {
  Response() = default;
  Response(Response&&) = default;
  Response& operator=(Response&&) = default;

  Str id;
  Str model;
  std::int64_t created = 0;  // Unix seconds; 0 = the encoder's caller sets it
  std::vector<Choice> choices;
  Usage usage;
  Str service_tier;
  Str system_fingerprint;
  json::Value extra;  // unknown top-level members; unknown members of usage stand in extra.usage
  Str format;

  json::Arena arena;
  std::unique_ptr<std::string> text;
};

// One step of a streamed answer. Blocks are numbered from 0 in order of appearance within a choice, never
// interleave with `start`, and every block_start gets a block_stop before `stop`.
struct Event {
  enum class Kind : std::uint8_t {
    start,            // id, model, usage (as far as known)
    block_start,      // choice, index, block (kind, id, name; empty text/arguments unless given whole)
    text_delta,       // choice, index, text
    thinking_delta,   // choice, index, text
    signature_delta,  // choice, index, text
    arguments_delta,  // choice, index, text: a piece of JSON text (or of a custom tool's input); also of opaque server tool calls
    refusal_delta,  // choice, index, text
    citation,       // choice, index, value (with `format`)
    logprobs,       // choice, value (OpenAI shape: {content:[…], refusal:…})
    block_stop,     // choice, index
    stop,           // choice, stop, stop_sequence
    usage,          // usage (cumulative)
    ping,
    error,  // error: the stream ends after this
    end,    // the answer is complete
  };
  Kind kind = Kind::ping;
  int choice = 0;
  int index = 0;
  Block block;
  Str text;
  Str id;
  Str model;
  std::int64_t created = 0;
  Stop stop = Stop::unset;
  Str stop_sequence;
  Str format;
  Str service_tier;
  Str system_fingerprint;
  json::Value
      value;  // citation, logprobs; of start, stop and usage: members of the vendor's event beyond ours (with `format`)
  Usage usage;
  Error error;
};

}  // namespace pb::llm
