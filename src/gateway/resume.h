// A stream that broke in the middle of its answer, and another deployment's that goes on from the text that was sent. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat.h"

namespace pb::gateway {

class Splice {
 public:
  // The events that the client has been sent so far.
  void watch(const llm::Event& event);
  // An answer of text (and thinking) only can be gone on with: a call that was cut in its arguments cannot.
  bool possible() const { return possible_ && !text_.empty(); }
  const std::string& text() const { return text_; }  // of the answer so far

  // From now on join() is given another stream's events.
  void go_on();
  bool joining() const { return joining_; }
  // Makes them the rest of the first stream: one start, text that goes on in the block that is open, later blocks after it.
  void join(std::vector<llm::Event>& events);

 private:
  static constexpr int kNone = -1;
  void close_open(std::vector<llm::Event>& to);
  bool take(llm::Event& event, std::vector<llm::Event>& to);

  std::string text_;
  int open_ = kNone;  // the block that has begun and not ended
  bool open_text_ = false;
  int last_ = kNone;  // the highest index so far
  bool possible_ = true;
  bool joining_ = false;
  bool joined_ = false;  // something of the other stream's answer has come
  int shift_ = 0;        // from its indexes to ours
  std::vector<llm::Event> out_;
};

// The conversation with the text that was sent already, and the request to go on from there. The text is copied.
void add_partial_answer(llm::Request& conversation, std::string_view text);

}  // namespace pb::gateway
