// The dialect of Anthropic's Messages API. What the files anthropic_*.cpp share; nothing else includes this.
//
// Choices a reader may look for:
// - System text before the conversation goes to `system`; system and developer messages in its midst stay where
//   they are as messages of role `system`, which current models take and models before them refuse.
// - Tool results come first in their user message, all of one turn in one message; neighbours of one role are merged
//   (except in requests that came in this format: those keep their shape).
// - `thread` (server-side conversations) is refused with the details the SDK recovers from, never ignored.
// - Members that we do not know are kept in `extra` and restored towards this format only.
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

namespace pb::llm::anthropic {

inline constexpr Str kName = "anthropic";

// --- content blocks, the same in requests and answers ---
// Into `block`, which is fresh.
Result<void> decode_block(json::Value value, const Path& at, json::Arena& arena, Block& block);
// A string (one text block) or an array of blocks.
Result<void> decode_content(json::Value value, const Path& at, json::Arena& arena, std::vector<Block>& out);
Result<void> decode_cache(json::Value object, const Path& at, CacheMark& out);
// Whether the block can be said in this format; names in `dropped` what of it cannot.
bool can_carry(const Block& block, bool same_format, Dropped& dropped);
// Writes a block that can_carry() let through.
void write_block(json::Writer& w, const Block& block, Dropped& dropped);
// The `input` object of a tool call. Arguments that are no JSON object are wrapped: {"input": "<text>"}.
void write_input(json::Writer& w, const Block& call);
void write_cache(json::Writer& w, const CacheMark& mark);
// A tool id that fits ^[a-zA-Z0-9_-]+$: the given one, or one derived from it (always the same).
std::string safe_id(Str id);
bool is_blank(Str text);

// --- stop reasons and usage ---
Stop read_stop(Str reason);  // unset when unknown
Str stop_name(Stop stop);
// Usage as Anthropic counts it: input excludes what went through the cache. Streams report it in parts.
struct RawUsage {
  std::int64_t input = 0, output = 0, cache_read = 0, cache_write = 0, cache_write_1h = 0, reasoning = 0;
  bool known = false;
  static RawUsage of(const Usage& usage);
  void merge(json::Value usage);  // takes the figures that are there and not null
  Usage usage() const;
};
// The members of a usage object that RawUsage does not read.
json::Value usage_rest(json::Value usage, json::Arena& arena);
// `extra` may hold members from usage_rest().
void write_usage(json::Writer& w, const Usage& usage, json::Value extra, Str service_tier);
// "standard", "priority" or "batch".
Str response_tier(Str tier, bool same_format);
// A message id: as it is when it is one of theirs, else "msg_" and the given id or `fallback`.
std::string message_id(Str id, Str fallback);

// --- the model behind a name ---
// 405 for claude-opus-4-5, 300 for claude-3-opus, 9999 for a Claude without a number, 0 for what is no Claude.
int claude_version(Str model);

// --- the functions of the dialect ---
std::span<const FeatureNote> notes();  // notes.cpp
Result<Request> decode_request(std::string body);
Result<void> encode_request(const Request&, const EncodeOptions&, Dropped&, std::string& out);
Result<Response> decode_response(std::string body);
void encode_response(const Response&, const ResponseOptions&, Dropped&, std::string& out);
std::unique_ptr<StreamDecoder> stream_decoder();
std::unique_ptr<StreamEncoder> stream_encoder(const StreamOptions&);
Error decode_error(int status, std::string_view body);
void encode_error(const Error&, std::string_view request_id, std::string& out);
// The {"type":"error","error":{…}} object: of an answer's body or of a stream's event.
Error read_error(json::Value body, int status);
void write_error(json::Writer& w, const Error& error, std::string_view request_id);
void peek_response(std::string_view body, Peek& peek);
void peek_event(std::string_view name, std::string_view data, Peek& peek);

}  // namespace pb::llm::anthropic
