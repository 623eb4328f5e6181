#include "route/minute.h"

#include <algorithm>

namespace pb::route {

void MinuteWindow::advance(std::int64_t now_ms) {
  const std::int64_t second = now_ms / 1000;
  if (second <= newest_) return;
  if (second - newest_ >= kSlots || sum_ == 0) {
    slots_.fill(0);
    sum_ = 0;
  } else {
    for (std::int64_t s = newest_ + 1; s <= second; ++s) {
      sum_ -= slots_[slot(s)];
      slots_[slot(s)] = 0;
    }
  }
  newest_ = second;
}

void MinuteWindow::change(std::int64_t second, std::int64_t by) {
  if (second > newest_ || newest_ - second >= kSlots) return;
  std::int64_t& at = slots_[slot(second)];
  by = std::max(by, -at);  // a window that was made later does not know what is given back
  at += by;
  sum_ += by;
}

std::int64_t MinuteWindow::until(std::int64_t most, std::int64_t now_ms) const {
  std::int64_t left = sum_;
  if (left <= most) return 0;
  if (most == 0) {  // the newest is the last to be forgotten
    std::int64_t last = newest_;
    while (last > newest_ - kSlots && slots_[slot(last)] == 0) --last;
    return std::max<std::int64_t>(1, (last + kSlots) * 1000 - now_ms);
  }
  for (std::int64_t s = std::max<std::int64_t>(0, newest_ - kSlots + 1); s <= newest_; ++s) {
    left -= slots_[slot(s)];
    if (left <= most) return std::max<std::int64_t>(1, (s + kSlots) * 1000 - now_ms);
  }
  return kSlots * 1000;
}

}  // namespace pb::route
