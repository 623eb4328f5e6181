#include "llm/event_reader.h"

#include <cstring>

#include "base/strings.h"

namespace pb::llm {
namespace {

constexpr std::size_t kCompactBytes = 4096;  // below this a consumed prefix is not worth moving the rest for

}  // namespace

void EventReader::append(std::string_view bytes) {
  if (framing_ == Framing::sse) return sse_.append(bytes);
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = scanned_ = begin_ = 0;
  } else if (at_ >= kCompactBytes && at_ >= buffer_.size() / 2) {
    buffer_.erase(0, at_);
    scanned_ -= at_;
    begin_ = begin_ < at_ ? 0 : begin_ - at_;
    at_ = 0;
  }
  buffer_.append(bytes);
}

bool EventReader::next(SseEvent& event) {
  switch (framing_) {
    case Framing::sse:
      return sse_.next(event);
    case Framing::ndjson:
      return next_line(event);
    case Framing::json_array:
      return next_element(event);
  }
  return false;
}

bool EventReader::next_line(SseEvent& event) {
  const char* base = buffer_.data();
  for (;;) {
    const auto* lf = static_cast<const char*>(std::memchr(base + scanned_, '\n', buffer_.size() - scanned_));
    if (lf == nullptr) {
      scanned_ = buffer_.size();
      return false;
    }
    const auto end = static_cast<std::size_t>(lf - base);
    const std::string_view raw(base + at_, end + 1 - at_);
    const std::string_view line = trim({base + begin_, end - begin_});
    begin_ = scanned_ = end + 1;
    if (line.empty()) continue;  // belongs to the next event's raw bytes
    at_ = scanned_;
    event = {.name = {}, .data = line, .raw = raw};
    return true;
  }
}

bool EventReader::next_element(SseEvent& event) {
  for (; scanned_ < buffer_.size(); ++scanned_) {
    const char c = buffer_[scanned_];
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (c == '"') {
      in_string_ = depth_ > 0;
    } else if (c == '{' || (c == '[' && depth_ > 0)) {
      if (depth_++ == 0) begin_ = scanned_;
    } else if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
      ++scanned_;
      const std::string_view all(buffer_);
      event = {
          .name = {}, .data = all.substr(begin_, scanned_ - begin_), .raw = all.substr(at_, scanned_ - at_)};
      at_ = scanned_;
      return true;
    }
  }
  return false;
}

bool EventReader::rest(SseEvent& event) {
  if (framing_ == Framing::sse) return sse_.rest(event);
  const std::string_view raw = std::string_view(buffer_).substr(at_);
  const std::string_view line = std::string_view(buffer_).substr(begin_);
  at_ = scanned_ = buffer_.size();
  depth_ = 0;
  if (raw.empty()) return false;
  event = {.name = {}, .data = framing_ == Framing::ndjson ? trim(line) : std::string_view(), .raw = raw};
  return true;
}

}  // namespace pb::llm
