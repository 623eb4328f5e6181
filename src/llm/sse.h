// Server-sent events (WHATWG HTML §9.2): splitting a byte stream into events and writing them.
#pragma once
#include <string>
#include <string_view>

#include "base/limits.h"

namespace pb::llm {

struct SseEvent {
  std::string_view name;  // `event:` ("" when none)
  std::string_view data;  // `data:` lines joined by \n
  std::string_view raw;   // the event's own bytes, the blank line that ends it included
};

// Feed bytes with append(), take whole events with next(). Views are valid until the next append().
class SseReader {
 public:
  // `raw_all`: comments and events without data are returned too (name and data may then be empty), so that
  // the `raw` of all events is the stream, byte for byte; without it they are skipped.
  explicit SseReader(std::size_t event_bytes_max = limits::kSseEventBytesMax, bool raw_all = false)
      : max_(event_bytes_max), raw_all_(raw_all) {}
  void append(std::string_view bytes);
  // False when no whole event is there yet.
  bool next(SseEvent& event);
  // What follows the last whole event (a stream that ends without its blank line still has one).
  bool rest(SseEvent& event);
  bool too_large() const { return buffer_.size() - at_ > max_; }

 private:
  bool parse(std::string_view raw, SseEvent& event);
  std::string buffer_;
  std::string joined_;
  std::size_t at_ = 0;       // start of the next event
  std::size_t scanned_ = 0;  // up to here there is no blank line
  std::size_t max_;
  bool raw_all_;
  bool first_ = true;  // nothing parsed yet: a byte order mark may stand here
};

// Appends one event. Data of several lines becomes several `data:` lines; an empty name is left out.
void write_sse(std::string& out, std::string_view name, std::string_view data);

}  // namespace pb::llm
