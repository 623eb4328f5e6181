// An answer's output items as they grow, and the stream's events that tell of it. Only response_encode.cpp, which wants the
// items, and stream_encode.cpp, which wants the events too, include this.
#pragma once
#include <string>
#include <string_view>

#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {

// Blocks come one after another, as in chat.h's events. Consecutive texts become one part of one message: clients show the
// parts of a message as one text, and most expect only one.
class Output {
 public:
  // `request`: what the client asked, may be null; `answer`: the answer's id ("resp_…"); `live`: events are wanted.
  Output(const Request* request, Str answer, bool live);

  // Each appends its events to `out`, when the output is live.
  void start(const Block& block, std::string& out);
  void text(Str piece, std::string& out);  // of the open block, whatever its kind
  void signature(Str text, Str format);
  void citation(json::Value value, Str format, std::string& out);
  void logprobs(json::Value chat_shape, std::string& out);
  void stop(std::string& out);  // the open block is over
  // All blocks are over; `complete` = false when the answer was cut at a limit.
  void finish(bool complete, std::string& out);

  // The finished items, as JSON with commas between them.
  std::string_view items() const { return items_; }
  bool refused() const { return refused_; }
  int next_sequence() { return sequence_++; }
  // What no item could say: "provider_blocks", "assistant_media", "citations"; null = do not tell.
  Dropped* dropped = nullptr;

 private:
  enum class Part : unsigned char { none, text, refusal };

  static bool is_own(Str format) { return format.empty() || format == kName; }
  static void append_item(std::string& list, std::string_view item) {
    if (!list.empty()) list += ',';
    list += item;
  }

  json::Writer begin(std::string& out, Str type);
  void end(json::Writer& w);
  void head(json::Writer& w, bool content);
  void added(std::string& out, std::string_view item);
  void finished(std::string& out, const std::string& item);
  std::string item_id(Str prefix, const Block& b);

  void open_message(const Block& b, std::string& out);
  void open_part(Part part, std::string& out);
  void close_part(std::string& out);
  void close_message(bool complete, std::string& out);
  void write_part(json::Writer& w, bool whole);
  void flush_delta(std::string_view logprobs, std::string& out);

  void annotate(json::Value value, Str format, std::string& out);

  void open_reasoning(const Block& b, std::string& out);
  void open_summary(std::string& out);
  void close_reasoning(std::string& out);
  void carry(const Block& signed_block, std::string& out);
  void open_call(const Block& b, std::string& out);
  void close_call(std::string& out);
  void write_call(json::Writer& w, bool whole);
  void opaque(const Block& b, std::string& out);
  void picture(const Block& b, std::string& out);
  void compaction(std::string& out);
  void drop(std::string_view name) {
    if (dropped != nullptr) dropped->add(name);
  }

  const Request* request_;
  std::string answer_;
  bool live_, waits_, compact_;
  int sequence_ = 0, index_ = 0, made_ = 0;
  std::string items_;

  // The open block. A message stays open when its text is over: another text may follow.
  Block::Kind kind_ = Block::Kind::opaque;
  bool open_ = false;
  std::string id_;                              // of the open item
  std::string text_;                            // of the open part, summary or arguments so far
  std::string call_id_, name_, space_, extra_;  // of a call; `extra_` also of a message: members as JSON
  bool custom_ = false, search_ = false;
  std::string signature_, format_;

  bool message_ = false;
  Part part_ = Part::none;
  int parts_ = 0;
  std::string content_;  // the message's finished parts
  std::string annotations_, logprobs_;
  int annotated_ = 0;
  std::int64_t block_at_ = 0, part_chars_ = 0;  // where the open block begins in its part, in characters
  std::string block_format_;
  std::vector<std::string> cited_;  // other formats' citations of the open block, as JSON
  std::string pending_;             // a text's delta that waits for its logprobs, where the client wants them
  bool refused_ = false, summary_ = false;
  std::string delta_head_;  // of the open part's or call's deltas: all before the text
};

inline constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds of Times

// The answer around its items.
struct Envelope {
  Str id, model;
  std::int64_t created = 0, completed = 0;  // Unix seconds
  Str status;                               // "in_progress", "completed", "incomplete", "failed"
  Str incomplete;                           // the reason, of "incomplete"
  const Error* error = nullptr;
  Str service_tier;
  const Usage* usage = nullptr;
  std::string_view items;
  json::Value extra;  // members of this format that are not read
};
// What an answer repeats of its request, as members of a JSON object without its braces; made once for a stream.
std::string repeated_members(const Request* request);
void write_envelope(json::Writer& w, const Envelope& e, std::string_view repeated);
// "max_output_tokens", "content_filter"; "" when the answer is complete.
Str incomplete_reason(Stop stop, bool refused);

}  // namespace pb::llm::openai_responses
