// What a model's name asks the simulator to do: items joined by '+', as in "sim-tools+thinking+slow-token-20ms".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace pb::sim {

enum class Answer : std::uint8_t {
  hello,   // any name that is not the simulator's: a text that says who answers
  echo,    // the last user message's text
  text,    // a paragraph
  size,    // a whole answer of `count` bytes
  stream,  // `count` text deltas
  tools,   // tool calls for `count` turns, then a text that quotes the results
  json,    // an object that fits the response format's schema
  image,   // what images, documents and audio arrived
  refusal,
};

enum class Fault : std::uint8_t {
  none,
  cut,              // the connection closes between two events
  cut_body,         // … in the middle of an event, or of a whole answer's body
  no_end,           // the body ends properly, but without the format's closing events
  malformed,        // one event is not JSON, then the stream goes on
  error_midstream,  // half the answer, then the format's error event
  hang,             // nothing is ever answered
};

struct Behaviour {
  Answer answer = Answer::hello;
  Fault fault = Fault::none;
  int count = 0;
  bool parallel = false;  // two tool calls in a turn
  bool thinking = false;
  bool redacted = false;    // the thinking is redacted
  bool pixels = false;      // images are described with their sizes
  bool max_tokens = false;  // the answer stops half way, for its length
  bool burst = false;       // a stream's events leave in one write
  int first_ms = 0;         // before the answer's head
  int token_ms = 0;         // before each delta
  int silent_ms = 0;        // once, after the stream's first event
  int byte_ms = -1;         // one byte at a time, this far apart; -1 = off
  int status = 0;           // answer with this error; 0 = do not
  int retry_after_s = -1;   // header on an error; -1 = none
  int fail_times = 0;       // fail this often (with `status`), then answer
  bool recorded = false;    // the name is "recorded/<folder>/<name>"
};

// Errors: not_found, for a name that starts with "sim-" and has an item the simulator does not know.
Result<Behaviour> parse_model(std::string_view model);

}  // namespace pb::sim
