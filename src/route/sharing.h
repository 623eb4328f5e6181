// Limits that several replicas keep together by way of a store that all of them can reach. Every limiter goes on counting what its
// own replica uses; the store has that count of every replica, and what all of them together have used is their sum. A place is
// taken here first, then asked for there, which decides. Whatever else changes here (a request ends, its usage becomes known) is
// told to the store afterwards as the difference from what it was told before, so nothing is told twice or forgotten.
//
// An *epoch* begins when the store can be reached (again). In it, each limiter makes an *agreement* before it is asked for: the
// store takes over the limiter's own count as it stands. What was sent in an earlier epoch and comes late is ignored by the store.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "route/limiter.h"

namespace pb::route {

// What one replica has used under a limit. Money in billionths of a dollar.
struct Tally {
  std::int64_t day = 0, month = 0;  // of what follows
  std::int64_t requests_today = 0, tokens_today = 0;
  std::int64_t cost_today = 0, cost_month = 0, cost_total = 0;
  std::int64_t in_flight = 0, held_tokens = 0, held_cost = 0;
  bool operator==(const Tally&) const = default;
  void add(const Tally& other, int sign);  // leaves the dates
  bool nothing() const;
  void roll(std::int64_t to_day, std::int64_t to_month);
};

// What happened within one second.
struct SecondCount {
  std::int64_t second = 0;  // of the steady clock
  std::int64_t requests = 0, tokens = 0;
};

struct Agreement {
  std::uint64_t epoch = 0;
  bool first =
      false;  // of this limiter in this process: the store may know more of what this replica has used before
  Tally own;
  std::vector<SecondCount> untold;  // of the last minute, counted while the store was out of reach
  std::vector<SecondCount> all;     // of the last minute, for a store that has lost what it knew
};

// What all replicas but this one have used, as the store says.
struct Others {
  std::int64_t requests = 0, tokens = 0;  // of the last minute, this replica's included
  std::int64_t requests_today = 0, tokens_today = 0, in_flight = 0, held_tokens = 0;
  std::int64_t spent = 0, held_cost = 0;  // of the budget's period
};

// What this replica may use of a limit while it cannot ask: what it had used when it last could, and its part of what was left
// then. Never nothing, or small limits would stop everybody.
std::int64_t part_of(std::int64_t most, std::int64_t own, std::int64_t others, int replicas);

// Tells the store when places are given up. Any thread.
class Follower {
 public:
  virtual ~Follower() = default;
  // `requests`, `tokens`: by how much the minute at the store's `second` was counted too high (negative) or too low; second -1:
  // the store did not count it.
  virtual void ended(std::span<const std::shared_ptr<Limiter>> limiters, std::int64_t second,
                     std::int64_t requests, std::int64_t tokens) = 0;
};

// A limiter's side of it; guarded by its mutex.
struct Sharing {
  std::uint64_t epoch = 0;  // of the agreement; 0 = none
  bool agreeing = false, ever = false;
  Tally told;    // what the store has, or will have when what was sent arrives
  Tally asking;  // asked for and not yet answered; not a part of `told`
  Others others;
  std::int64_t others_window = 0, others_window_tokens = 0;  // of the last minute, without this replica's
  std::int64_t heard_ms = -1, heard_day = 0, heard_month = 0;
  // Of the last minute, counted while the store was out of reach. Made when there is something: most keys never need it.
  struct Untold {
    MinuteWindow requests, tokens;
  };
  std::unique_ptr<Untold> untold;
  // How it stood when the store was lost.
  std::uint64_t outage = 0;
  Tally base;
  std::int64_t base_requests = 0, base_tokens = 0, others_then = 0, others_tokens_then = 0;

  void advance(std::int64_t steady_ms) {
    if (!untold) return;
    untold->requests.advance(steady_ms);
    untold->tokens.advance(steady_ms);
  }
  void count_untold(std::int64_t second, std::int64_t requests, std::int64_t tokens);
  void roll(std::int64_t day, std::int64_t month) {
    told.roll(day, month);
    asking.roll(day, month);
  }
};

// Limiter's members that are declared for this file:
//   agreed(epoch): whether it may be asked for. begin_agreement(): false when there is one or one is being made; fills in what to
//   send. end_agreement(): the store has taken it over as `as`, or not (null). disagree(): the store does not know of it.
//   take_untold(): the difference that is to be told next, if any, which then counts as told. heard(): what the store says.

}  // namespace pb::route
