// Coarse deadlines for one core: entries are checked on a tick of 20 ms (up to 1 s when none is near), and cost
// nothing to move. Per-operation timers would cost a quarter of the CPU of a small request.
#pragma once
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace pb::net {

using Clock = std::chrono::steady_clock;

class Sweeper;

// A deadline that calls `on_due` once when it passes. Not movable; disarmed when destroyed. One thread.
class Deadline {
 public:
  explicit Deadline(Sweeper& sweeper) : sweeper_(sweeper) {}
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  void arm(int ms, void (*on_due)(void*), void* context);
  void arm_at(Clock::time_point when, void (*on_due)(void*), void* context);
  void disarm();
  bool armed() const { return slot_ != kNone; }

 private:
  friend class Sweeper;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  Sweeper& sweeper_;
  std::size_t slot_ = kNone;
  Clock::time_point due_{};
  void (*on_due_)(void*) = nullptr;
  void* context_ = nullptr;
};

class Sweeper {
 public:
  explicit Sweeper(boost::asio::io_context& io);
  ~Sweeper();
  Clock::time_point now() const { return now_; }  // as of the last tick or refresh()
  Clock::time_point refresh() { return now_ = Clock::now(); }
  double lag_seconds() const { return lag_; }  // how late the last tick was

 private:
  friend class Deadline;
  void add(Deadline& deadline);
  void remove(Deadline& deadline);
  void due_earlier(Clock::time_point when);
  void schedule(Clock::time_point when);
  void tick();
  struct Timer;
  std::unique_ptr<Timer> timer_;
  std::vector<Deadline*> entries_;
  Clock::time_point now_ = Clock::now();
  Clock::time_point expected_{};
  double lag_ = 0;
  bool ticking_ = false;
  bool in_tick_ = false;
};

}  // namespace pb::net
