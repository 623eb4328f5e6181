// The blocks of a streamed answer that is under way. Only stream_decode.cpp includes this.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "llm/openai_responses/openai_responses.h"

namespace pb::llm::openai_responses {

// A part of a message, a call, an item of reasoning, an item that only this format knows.
struct Slot {
  std::int64_t item = 0, part = 0;  // output_index, content_index
  Block::Kind kind = Block::Kind::text;
  bool custom = false, started = false, done = false;
  bool fed = false;           // some of its text has come
  bool summary = false;       // reasoning: its text is the summary, not the content
  std::int64_t section = -1;  // reasoning: the part of it that came last
  std::string id, name, name_space, item_id;
  std::string phase;      // of its message
  std::string signature;  // reasoning: its encrypted content
  std::string whole;      // an opaque item as JSON
  std::string waiting;    // text that came while another block was live
  std::vector<std::string> citations;
  std::size_t cited = 0;  // of them passed on
};

// Blocks in order of appearance: one is live and passed on as it comes, later ones wait in memory until it is over.
class Slots {
 public:
  static constexpr std::size_t kMax = 4096;

  // Values of events are made on `arena`.
  explicit Slots(json::Arena& arena) : arena_(arena) {}

  bool empty() const { return slots_.empty(); }
  bool full() const { return slots_.size() >= kMax; }
  bool has_call(Str id) const;
  Slot* find(std::int64_t item, std::int64_t part);
  // A block that has not begun. Texts before it are over; reasoning and calls wait for their item's end.
  Slot& add(std::int64_t item, std::int64_t part, Block::Kind kind, std::vector<Event>& out);
  void begin(Slot& s, std::vector<Event>& out);  // if it is its turn
  void deliver(Slot& s, Str text, std::vector<Event>& out);
  void cite(Slot& s, std::vector<Event>& out);  // passes citations on, if it is its turn
  void end_item(std::int64_t item, std::vector<Event>& out);
  void end_all(std::vector<Event>& out);

 private:
  bool is_live(const Slot& s) const { return live_ < slots_.size() && &s == &slots_[live_]; }
  Event& push(Event::Kind kind, std::vector<Event>& out) const;
  void delta(const Slot& s, Str text, std::vector<Event>& out) const;
  void advance(std::vector<Event>& out);

  json::Arena& arena_;
  std::deque<Slot> slots_;
  std::size_t live_ = 0;  // slots before it are over
};

}  // namespace pb::llm::openai_responses
