// What the stream decoder remembers of an answer that is under way. Only stream_decode.cpp includes this.
#pragma once
#include <algorithm>
#include <deque>
#include <string>
#include <string_view>

#include "llm/chat.h"

namespace pb::llm::openai_chat {

// Follows JSON text piece by piece: whether a whole object or array has been seen.
class JsonEnd {
 public:
  void feed(std::string_view text) {
    for (char c : text) {
      if (in_string_) {
        if (escaped_)
          escaped_ = false;
        else if (c == '\\')
          escaped_ = true;
        else if (c == '"')
          in_string_ = false;
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
        complete_ = true;
      }
    }
  }
  bool complete() const { return complete_; }

 private:
  int depth_ = 0;
  bool in_string_ = false, escaped_ = false, complete_ = false;
};

// One block of a choice.
struct Slot {
  Block::Kind kind = Block::Kind::text;
  int call = -1;  // the vendor's index of a call
  bool custom = false;
  bool started = false;  // block_start was passed on
  std::string id, name;
  std::string vendor_id;  // as sent; "" when we made one up
  std::string waiting;    // text or arguments that came while another block was live
  std::string signature;  // likewise
  std::string data;       // of redacted thinking
  std::string format;     // whose signature or data it is
  std::string item_id;
  std::string thoughts;  // all of a thinking block's text
  JsonEnd end;
};

struct ChoiceState {
  std::deque<Slot> slots;
  std::size_t live = 0;  // slots before it are over
  bool stopped = false;
  bool calls = false, refused = false;
};

// A call that does not say its index goes on with the one of its id, or with the last when it brings no name either.
inline int without_index(const ChoiceState& s, Str id, json::Value f) {
  int last = -1;
  for (const Slot& slot : s.slots) {
    if (slot.kind != Block::Kind::tool_call) continue;
    if (!id.empty() && slot.vendor_id == id) return slot.call;
    last = std::max(last, slot.call);
  }
  bool fresh = last < 0 || !id.empty() || !f["name"].as_string().empty();
  return fresh ? last + 1 : last;
}

inline int index_of(const ChoiceState& s, const Slot& slot) {
  for (std::size_t i = s.slots.size(); i-- > 0;)
    if (&s.slots[i] == &slot) return static_cast<int>(i);
  return 0;
}

}  // namespace pb::llm::openai_chat
