// Splits a streamed answer into its events, whatever frames them: server-sent events, a line each (NDJSON), or the elements
// of one JSON array.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/sse.h"

namespace pb::llm {

enum class Framing : std::uint8_t {
  sse,         // WHATWG HTML §9.2
  ndjson,      // one JSON text a line
  json_array,  // [{…},{…}]
};

// Feed bytes with append(), take whole events with next(), as with SseReader (whose views and limits it shares). Events of
// the other framings have no name; their `raw` holds the separators before and after them, so that all `raw`s and the rest
// are the stream, byte for byte.
class EventReader {
 public:
  explicit EventReader(Framing framing, std::size_t event_bytes_max = limits::kSseEventBytesMax,
                       bool raw_all = false)
      : framing_(framing), max_(event_bytes_max), sse_(event_bytes_max, raw_all) {}
  void append(std::string_view bytes);
  // False when no whole event is there yet.
  bool next(SseEvent& event);
  // What follows the last whole event: a last line without its end, or the bracket that closes an array (data "").
  bool rest(SseEvent& event);
  bool too_large() const { return framing_ == Framing::sse ? sse_.too_large() : buffer_.size() - at_ > max_; }

 private:
  bool next_line(SseEvent& event);
  bool next_element(SseEvent& event);

  Framing framing_;
  std::size_t max_;
  SseReader sse_;
  std::string buffer_;
  std::size_t at_ = 0;       // start of the next event
  std::size_t scanned_ = 0;  // up to here nothing ends it
  std::size_t begin_ = 0;    // of the line, or of the element's own text once depth_ > 0
  int depth_ = 0;            // json_array: open objects and arrays of the element
  bool in_string_ = false, escaped_ = false;
};

}  // namespace pb::llm
