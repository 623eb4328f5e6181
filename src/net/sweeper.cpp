#include "net/sweeper.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

namespace pb::net {
namespace {

constexpr auto kTick = std::chrono::milliseconds(20);
constexpr auto kTickMax = std::chrono::seconds(1);

}  // namespace

void Deadline::arm(int ms, void (*on_due)(void*), void* context) {
  arm_at(sweeper_.refresh() + std::chrono::milliseconds(ms), on_due, context);
}

void Deadline::arm_at(Clock::time_point when, void (*on_due)(void*), void* context) {
  due_ = when;
  on_due_ = on_due;
  context_ = context;
  if (slot_ == kNone) {
    sweeper_.add(*this);
  } else {
    sweeper_.due_earlier(when);
  }
}

void Deadline::disarm() {
  if (slot_ != kNone) sweeper_.remove(*this);
}

struct Sweeper::Timer {
  explicit Timer(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
};

Sweeper::Sweeper(boost::asio::io_context& io) : timer_(std::make_unique<Timer>(io)) {}
Sweeper::~Sweeper() = default;

void Sweeper::add(Deadline& deadline) {
  deadline.slot_ = entries_.size();
  entries_.push_back(&deadline);
  due_earlier(deadline.due_);
}

void Sweeper::due_earlier(Clock::time_point when) {
  if (in_tick_) return;  // tick() looks at all entries when it ends
  auto at = std::max(when, now_ + kTick);
  if (!ticking_ || at + kTick < expected_) schedule(at);
}

void Sweeper::remove(Deadline& deadline) {
  std::size_t slot = deadline.slot_;
  entries_[slot] = entries_.back();
  entries_[slot]->slot_ = slot;
  entries_.pop_back();
  deadline.slot_ = Deadline::kNone;
}

void Sweeper::schedule(Clock::time_point when) {
  ticking_ = true;
  expected_ = when;
  timer_->timer.expires_at(when);
  timer_->timer.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) tick();
  });
}

void Sweeper::tick() {
  refresh();
  lag_ = std::chrono::duration<double>(now_ - expected_).count();
  ticking_ = false;
  in_tick_ = true;
  // Removing swaps the last entry in, so go down; a callback may add and remove others.
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (i >= entries_.size()) continue;
    Deadline* d = entries_[i];
    if (d->due_ > now_) continue;
    remove(*d);
    d->on_due_(d->context_);
  }
  in_tick_ = false;
  if (entries_.empty()) return;
  auto next = now_ + kTickMax;
  for (const Deadline* d : entries_) next = std::min(next, d->due_);
  schedule(std::max(next, now_ + kTick));
}

}  // namespace pb::net
