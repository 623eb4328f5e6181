#include "mcp/stream.h"

#include <algorithm>
#include <utility>

#include "base/limits_mcp.h"

namespace pb::mcp {

StreamOptions one_way() { return {limits::kMcpQueueMax, limits::kMcpQueueBytesMax, false}; }

void Stream::ring() {
  if (reader_ != 0) bell_.ring();
}

void Stream::make_room(std::size_t bytes) {
  const auto full = [&] {
    return events_.size() >= options_.messages_max || bytes_ + bytes > options_.bytes_max;
  };
  for (auto it = events_.begin(); full() && it != events_.end();) {
    // Of a kept stream, what has been read may go whatever it is.
    if (!it->droppable && !(options_.keep && it->event.number <= read_to_)) {
      ++it;
      continue;
    }
    bytes_ -= it->event.text.size();
    it = events_.erase(it);
    ++dropped_;
  }
}

bool Stream::tell(std::string message, bool once) {
  std::lock_guard lock(mutex_);
  if (ended_) return false;
  for (auto it = events_.rbegin(); once && it != events_.rend() && it->event.number > read_to_; ++it)
    if (it->event.text == message) return true;
  if (options_.keep) make_room(message.size());
  if (events_.size() >= options_.messages_max || bytes_ + message.size() > options_.bytes_max) {
    ++dropped_;
    return false;
  }
  bytes_ += message.size();
  events_.push_back({{++last_, std::move(message)}, true});
  ring();
  return true;
}

void Stream::push(std::string message) {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  make_room(message.size());
  bytes_ += message.size();
  events_.push_back({{++last_, std::move(message)}, false});
  ring();
}

void Stream::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  ring();
}

void Stream::cut() {
  std::lock_guard lock(mutex_);
  if (ended_) return;
  cut_ = true;
  ring();
}

std::uint64_t Stream::attach(net::Wake::Bell bell, bool replace) {
  std::lock_guard lock(mutex_);
  if (reader_ != 0 && !replace) return 0;
  ring();  // the one before, so that it goes
  bell_ = std::move(bell);
  return reader_ = ++readers_;
}

void Stream::detach(std::uint64_t reader) {
  std::lock_guard lock(mutex_);
  if (reader_ == reader) reader_ = 0;
}

bool Stream::attached() const {
  std::lock_guard lock(mutex_);
  return reader_ != 0;
}

Stream::Batch Stream::read(std::uint64_t reader, std::uint64_t after) {
  std::lock_guard lock(mutex_);
  Batch batch;
  if (reader != reader_) {
    batch.replaced = true;
    return batch;
  }
  for (auto it = events_.begin(); it != events_.end();) {
    if (it->event.number <= after) {
      if (options_.keep) {
        ++it;
        continue;
      }
      bytes_ -= it->event.text.size();
      it = events_.erase(it);
      continue;
    }
    if (options_.keep) {
      batch.events.push_back(it->event);
      ++it;
      continue;
    }
    bytes_ -= it->event.text.size();
    batch.events.push_back(std::move(it->event));
    it = events_.erase(it);
  }
  if (!batch.events.empty()) read_to_ = std::max(read_to_, batch.events.back().number);
  batch.ended = ended_;
  batch.cut = std::exchange(cut_, false);
  return batch;
}

bool Stream::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

std::uint64_t Stream::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

std::uint64_t Stream::read_to() const {
  std::lock_guard lock(mutex_);
  return read_to_;
}

std::size_t Stream::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t Stream::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace pb::mcp
