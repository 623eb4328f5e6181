#include "llm/sse.h"

#include <cstring>

namespace pb::llm {
namespace {

// Below this a consumed prefix is not worth moving the rest for.
constexpr std::size_t kCompactBytes = 4096;

// The first \n or \r in [at, end), or `end`. Every byte is looked at no more than twice, by memchr.
const char* find_line_end(const char* at, const char* end) {
  const auto* lf = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
  const char* stop = lf != nullptr ? lf : end;
  const auto* cr = static_cast<const char*>(std::memchr(at, '\r', static_cast<std::size_t>(stop - at)));
  return cr != nullptr ? cr : stop;
}

const char* skip_line_end(const char* at, const char* end) {
  if (at == end) return at;
  return at + (at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1);
}

}  // namespace

void SseReader::append(std::string_view bytes) {
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = scanned_ = 0;
  } else if (at_ >= kCompactBytes && at_ >= buffer_.size() / 2) {
    buffer_.erase(0, at_);
    scanned_ -= at_;
    at_ = 0;
  }
  buffer_.append(bytes);
}

bool SseReader::next(SseEvent& event) {
  const char* begin = buffer_.data();
  const char* end = begin + buffer_.size();
  while (scanned_ < buffer_.size()) {
    const char* from = begin + scanned_;
    const bool line_start = scanned_ == at_ || from[-1] == '\n' || from[-1] == '\r';
    // The second half of a \r\n whose \r was the last byte when we came by before.
    if (*from == '\n' && scanned_ > at_ && from[-1] == '\r') {
      ++scanned_;
      continue;
    }
    const char* line_end = find_line_end(from, end);
    const char* after = skip_line_end(line_end, end);
    scanned_ = static_cast<std::size_t>(after - begin);
    if (line_end != from || !line_start) continue;
    // A lone \r at the end of the bytes ends the event at once: should its \n follow, it is an empty event.
    const std::string_view raw(begin + at_, scanned_ - at_);
    at_ = scanned_;
    if (parse(raw, event) || raw_all_) return true;
  }
  return false;
}

bool SseReader::rest(SseEvent& event) {
  const std::string_view raw(buffer_.data() + at_, buffer_.size() - at_);
  at_ = scanned_ = buffer_.size();
  if (raw.empty()) return false;
  return parse(raw, event) || raw_all_;
}

// True when the event has data. `id` and `retry` are read by nobody here; unknown fields are ignored.
bool SseReader::parse(std::string_view raw, SseEvent& event) {
  event = SseEvent{.name = {}, .data = {}, .raw = raw};
  int data_lines = 0;
  const char* at = raw.data();
  const char* end = at + raw.size();
  if (first_ && raw.starts_with("\xEF\xBB\xBF")) at += 3;
  first_ = false;
  while (at < end) {
    const char* line_end = find_line_end(at, end);
    const std::string_view line(at, static_cast<std::size_t>(line_end - at));
    at = skip_line_end(line_end, end);
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
      if (data_lines == 0) {
        event.data = value;
      } else {
        if (data_lines == 1) joined_.assign(event.data);
        joined_.append(1, '\n').append(value);
        event.data = joined_;
      }
      ++data_lines;
    } else if (field == "event") {
      event.name = value;
    }
  }
  return data_lines > 0;
}

void write_sse(std::string& out, std::string_view name, std::string_view data) {
  if (!name.empty()) out.append("event: ").append(name).append(1, '\n');
  const char* at = data.data();
  const char* end = at + data.size();
  while (true) {
    const char* line_end = at == end ? end : find_line_end(at, end);
    out.append("data: ").append(at, static_cast<std::size_t>(line_end - at)).append(1, '\n');
    if (line_end == end) break;
    at = skip_line_end(line_end, end);
  }
  out.append(1, '\n');
}

}  // namespace pb::llm
