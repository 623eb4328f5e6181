// A whole response taken apart into the events of a stream.
#include "sim/render.h"
#include "sim/vendor.h"

namespace pb::sim {
namespace {

using llm::Block;
using llm::Event;

constexpr std::size_t kArgumentBytes = 12;  // of a piece of tool arguments

class Splitter {
 public:
  Splitter(std::vector<Event>& out, std::size_t pieces_max) : out_(out), pieces_max_(pieces_max) {}

  void block(int choice, int index, const Block& b) {
    choice_ = choice;
    index_ = index;
    Event& start = add(Event::Kind::block_start);
    start.block = b;
    start.block.content.clear();
    if (b.kind != Block::Kind::redacted_thinking && b.kind != Block::Kind::opaque) {
      start.block.text = start.block.arguments = {};
      if (b.kind != Block::Kind::tool_call) start.block.signature = {};
      deltas(b);
    }
    add(Event::Kind::block_stop);
  }

  Event& add(Event::Kind kind) {
    Event& e = out_.emplace_back();
    e.kind = kind;
    e.choice = choice_;
    e.index = index_;
    return e;
  }

 private:
  void deltas(const Block& b) {
    switch (b.kind) {
      case Block::Kind::text:
        texts(Event::Kind::text_delta, b.text);
        if (!b.signature.empty()) add(Event::Kind::signature_delta).text = b.signature;
        return;
      case Block::Kind::refusal:
        return texts(Event::Kind::refusal_delta, b.text);
      case Block::Kind::thinking:
        texts(Event::Kind::thinking_delta, b.text);
        if (!b.signature.empty()) add(Event::Kind::signature_delta).text = b.signature;
        return;
      case Block::Kind::tool_call:
        return arguments(b.custom ? b.text : b.arguments);
      default:
        return;
    }
  }

  void texts(Event::Kind kind, llm::Str text) {
    for (const std::string_view piece : text_pieces(text, pieces_max_)) add(kind).text = piece;
  }

  void arguments(llm::Str text) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = std::min(at + kArgumentBytes, text.size());
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      add(Event::Kind::arguments_delta).text = text.substr(at, end - at);
      at = end;
    }
  }

  std::vector<Event>& out_;
  std::size_t pieces_max_;
  int choice_ = 0;
  int index_ = 0;
};

}  // namespace

std::vector<Event> events_of(const llm::Response& response, const llm::Dialect& dialect,
                             std::size_t pieces_max) {
  std::vector<Event> events;
  Splitter splitter(events, pieces_max);
  Event& start = splitter.add(Event::Kind::start);
  start.id = response.id;
  start.model = response.model;
  start.created = response.created;
  start.usage = response.usage;
  start.usage.output = start.usage.reasoning = 0;
  if (style_of(dialect.name).pings) splitter.add(Event::Kind::ping);
  for (std::size_t c = 0; c < response.choices.size(); ++c) {
    const llm::Choice& choice = response.choices[c];
    for (std::size_t i = 0; i < choice.content.size(); ++i)
      splitter.block(static_cast<int>(c), static_cast<int>(i), choice.content[i]);
    if (!choice.logprobs.is_null()) splitter.add(Event::Kind::logprobs).value = choice.logprobs;
    Event& stop = splitter.add(Event::Kind::stop);
    stop.choice = static_cast<int>(c);
    stop.stop = choice.stop;
    stop.stop_sequence = choice.stop_sequence;
  }
  splitter.add(Event::Kind::usage).usage = response.usage;
  splitter.add(Event::Kind::end);
  return events;
}

}  // namespace pb::sim
