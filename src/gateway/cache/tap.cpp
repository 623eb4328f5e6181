#include "gateway/cache/tap.h"

namespace pb::gateway::cache {

void Tap::record(std::size_t bytes_max, std::function<void()> too_long) {
  bytes_max_ = bytes_max;
  too_long_ = std::move(too_long);
  recording_ = true;
}

net::Headers Tap::with(const net::Headers& headers) const {
  net::Headers out = headers;
  out.set("x-patchbay-cache", note_);
  return out;
}

void Tap::look_at(int status, const net::Headers& headers) {
  if (!recording_) return;
  if (status != 200) recording_ = false;
  content_type_ = headers.get("content-type");
  coding_ = headers.get("content-encoding");
  dropped_ = headers.get("x-patchbay-dropped");
}

void Tap::copy(std::string_view bytes) {
  if (!recording_) return;
  if (body_.size() + bytes.size() <= bytes_max_) {
    body_ += bytes;
    return;
  }
  recording_ = false;
  body_ = {};
  too_long_();
}

Task<void> Tap::send(int status, const net::Headers& headers, std::string_view body) {
  look_at(status, headers);
  copy(body);
  if (note_.empty()) {
    co_await out_.send(status, headers, body);
  } else {
    const net::Headers more = with(headers);
    co_await out_.send(status, more, body);
  }
  complete_ = true;
}

Task<void> Tap::start(int status, const net::Headers& headers) {
  look_at(status, headers);
  if (note_.empty()) {
    co_await out_.start(status, headers);
    co_return;
  }
  const net::Headers more = with(headers);
  co_await out_.start(status, more);
}

// What is sent to keep the connection open is no part of the answer.
bool Tap::nudge(int status, const net::Headers& headers, std::string_view bytes) {
  if (note_.empty() || out_.started()) return out_.nudge(status, headers, bytes);
  look_at(status, headers);
  return out_.nudge(status, with(headers), bytes);
}

Task<void> Tap::write(std::string_view bytes) {
  copy(bytes);
  return out_.write(bytes);
}

Task<void> Tap::finish(std::string_view last) {
  copy(last);
  co_await out_.finish(last);
  complete_ = true;
}

void Tap::abort() {
  recording_ = false;
  out_.abort();
}

}  // namespace pb::gateway::cache
