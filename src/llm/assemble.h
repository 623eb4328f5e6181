// A streamed answer put together into a whole one, and a whole one taken apart into the events of a stream. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat.h"
#include "llm/dialect.h"

namespace pb::llm {

class Assembler {
 public:
  void add(const Event& event);  // copies what it keeps
  const std::optional<Error>& error() const { return error_; }
  bool ended() const { return ended_; }  // the stream came to its proper end
  Response take();                       // once

 private:
  struct Part {
    Block block;  // its views live in the response's arena
    std::string text, arguments, signature;
    std::vector<json::Value> citations;
  };
  struct Made {
    std::map<int, Part> parts;
    std::vector<json::Value> logprobs, refusal_logprobs;
    Choice choice;
  };
  Part& part(const Event& event);
  json::Value copy(json::Value value);
  Block copy(const Block& block);
  void logprobs(const Event& event);
  void finish(Part& part);

  Response response_;
  std::map<int, Made> choices_;
  std::optional<Error> error_;
  bool ended_ = false;
};

// In the order that chat.h demands; each block's text is one piece. Views into the response.
std::vector<Event> events_of(const Response& response);

// Reads a whole stream in the dialect's framing (or as one JSON array) and calls `each` for every event, whose views live until it
// returns. The dialect must have a stream decoder.
template <class F>
void read_stream(const Dialect& dialect, Framing framing, std::string_view bytes, F&& each) {
  EventReader reader(framing, bytes.size() + 1);
  reader.append(bytes);
  const auto decoder = dialect.stream_decoder();
  std::vector<Event> events;
  const auto take = [&] {
    for (const Event& e : events) each(e);
    events.clear();
  };
  SseEvent event;
  while (reader.next(event)) {
    decoder->feed(event.name, event.data, events);
    take();
  }
  if (reader.rest(event) && !event.data.empty()) {
    decoder->feed(event.name, event.data, events);
    take();
  }
  decoder->finish(events);
  take();
}

}  // namespace pb::llm
