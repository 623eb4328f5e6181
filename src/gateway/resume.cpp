#include "gateway/resume.h"

#include <algorithm>

namespace pb::gateway {
using Kind = llm::Event::Kind;

void Splice::watch(const llm::Event& e) {
  if (e.choice != 0) possible_ = false;
  switch (e.kind) {
    case Kind::block_start: {
      using Block = llm::Block::Kind;
      open_ = e.index;
      open_text_ = e.block.kind == Block::text;
      last_ = std::max(last_, e.index);
      text_.append(e.block.kind == Block::text ? e.block.text : llm::Str());
      if (e.block.kind != Block::text && e.block.kind != Block::thinking &&
          e.block.kind != Block::redacted_thinking)
        possible_ = false;
      break;
    }
    case Kind::text_delta:
      text_.append(e.text);
      break;
    case Kind::refusal_delta:
    case Kind::stop:
      possible_ = false;
      break;
    case Kind::block_stop:
      if (e.index == open_) open_ = kNone;
      break;
    default:
      break;
  }
}

void Splice::go_on() {
  joining_ = true;
  joined_ = false;
}

void Splice::close_open(std::vector<llm::Event>& to) {
  if (open_ == kNone) return;
  llm::Event& stop = to.emplace_back();
  stop.kind = Kind::block_stop;
  stop.index = open_;
  open_ = kNone;
}

// Whether the event goes on to the client.
bool Splice::take(llm::Event& e, std::vector<llm::Event>& to) {
  if (e.kind == Kind::start) return false;
  if (!joined_) {
    // What the other model thinks before it goes on would stand in the middle of the answer.
    if (e.kind == Kind::block_start && e.block.kind != llm::Block::Kind::thinking &&
        e.block.kind != llm::Block::Kind::redacted_thinking) {
      joined_ = true;
      if (e.block.kind == llm::Block::Kind::text && open_ != kNone && open_text_) {
        shift_ = open_ - e.index;
        return false;
      }
      close_open(to);
      shift_ = last_ + 1 - e.index;
    } else if (e.kind == Kind::stop || e.kind == Kind::end) {
      joined_ = true;
      close_open(to);
    } else if (e.kind != Kind::usage && e.kind != Kind::ping && e.kind != Kind::error) {
      return false;
    }
  }
  if (e.kind != Kind::stop && e.kind != Kind::usage && e.kind != Kind::end) e.index += shift_;
  return true;
}

void Splice::join(std::vector<llm::Event>& events) {
  out_.clear();
  for (llm::Event& e : events)
    if (take(e, out_)) out_.push_back(std::move(e));
  events.swap(out_);
}

void add_partial_answer(llm::Request& conversation, std::string_view text) {
  auto add = [&](llm::Role role, std::string_view words) {
    llm::Message& m = conversation.messages.emplace_back();
    m.role = role;
    llm::Block& b = m.content.emplace_back();
    b.kind = llm::Block::Kind::text;
    b.text = conversation.arena.copy(words);
  };
  add(llm::Role::assistant, text);
  add(llm::Role::user,
      "Your answer was cut off. Go on exactly where it ends: begin with the very next character, repeat "
      "nothing, and say nothing "
      "about the interruption.");
}

}  // namespace pb::gateway
