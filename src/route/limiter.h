// Counts what a key, a team or a provider uses, and refuses what would go over its limits: reserved before the request, settled
// after it from the real usage. Thread-safe; no clock: times are passed in.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "route/budget.h"
#include "route/minute.h"

namespace pb::route {

struct Moment {
  std::int64_t steady_ms = 0;  // for windows
  std::int64_t unix_ms = 0;    // for days and months
};

struct Estimate {  // what a request will use, before it is known
  std::int64_t tokens = 0;
  double cost = 0;  // US dollars; 0 where no price is known
};

// What was used before this process started, as the ledger knows it.
struct Spent {
  std::int64_t requests_today = 0, tokens_today = 0;
  double cost_today = 0, cost_this_month = 0, cost = 0;
};

enum class Limit : std::uint8_t {
  requests_per_minute,
  tokens_per_minute,
  requests_per_day,
  tokens_per_day,
  concurrency,
  budget,
};

enum class Subject : std::uint8_t { key, team, provider, deployment };
std::string_view to_string(Subject subject);

class Limiter;
struct Tally;
struct Agreement;
struct Others;

struct Refusal {
  const Limiter* limiter = nullptr;  // lives as long as the caller's pointer to it
  Limit limit{};
  double most = 0, left = 0;         // requests, tokens or dollars; `left` is never negative
  Period per = Period::total;        // of a budget
  std::int64_t retry_after_ms = -1;  // when it may pass; -1 = not by waiting
  bool part = false;  // `most` is this replica's part of the limit, while it cannot ask the others
};

// How limits are kept that are shared with other replicas (sharing.h). As it stands: there are none.
struct Terms {
  std::uint64_t epoch =
      0;             // the store is asked next, under the agreements of this epoch; 0 = nobody is asked
  int replicas = 0;  // > 0: the store is out of reach, and only this replica's part may be used
  std::uint64_t outage = 0;  // which one: parts are reckoned from its beginning
};
struct Sharing;
class Follower;

// What is left, for headers and for choosing.
struct Standing {
  struct Of {
    std::int64_t limit = 0, left = 0;  // limit 0 = none
    std::int64_t reset_ms = 0;         // until all of it is there again
  };
  Of requests, tokens;  // of the minute or the day, whichever has less left
  Of requests_per_minute, requests_per_day, tokens_per_minute, tokens_per_day;  // each by itself
  int concurrency = 0, in_flight = 0;
  double budget = 0, spent = 0;       // of the budget's period
  std::int64_t budget_reset_ms = -1;  // -1 = never
  std::int64_t requests_today = 0, tokens_today = 0;
};

// What a settled request did to a budget; `amount` 0 = there is none.
struct Charge {
  const Limiter* limiter = nullptr;
  double before = 0, after = 0, amount = 0;
};

inline constexpr std::size_t kLimitersMax = 4;  // of one reservation
using Charges = std::array<Charge, kLimitersMax>;

// A place taken under one or several limits. It is given back when dropped before it was settled, as if the request had never
// been.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { cancel(); }

  // The request has ended: what it really used takes the estimate's place. Only the first call counts.
  Charges settle(std::int64_t tokens, double cost);
  void cancel();
  bool held() const { return count_ != 0; }

  std::span<const std::shared_ptr<Limiter>> limiters() const { return {limiters_.data(), count_}; }
  const Estimate& estimate() const { return estimate_; }
  // Whether the store has to be asked, and about which of them.
  bool to_be_asked() const { return asked_ != 0; }
  bool to_be_asked(std::size_t limiter) const { return (asked_ >> limiter & 1u) != 0; }
  // The store's answer; `second`: of the store's clock, at which it was counted. Once, before anything else.
  void answered(bool granted, std::int64_t second);
  std::int64_t store_second() const { return store_second_; }
  // Is told when the place is given up. Outlives the reservation or is kept by it.
  void follow(std::shared_ptr<Follower> follower) { follower_ = std::move(follower); }

 private:
  friend std::expected<Reservation, Refusal> reserve(std::span<const std::shared_ptr<Limiter>> limiters,
                                                     const Estimate& estimate, Moment now, Terms terms);
  void ended(bool cancelled, std::int64_t tokens);
  bool nothing() const { return count_ == 0 && asked_ == 0 && !follower_; }
  // Shared with the table of limiters, from which a limiter may be gone before the request ends.
  std::array<std::shared_ptr<Limiter>, kLimitersMax> limiters_;
  std::size_t count_ = 0;
  Estimate estimate_;
  std::int64_t second_ = 0, day_ = 0, month_ = 0;
  Terms terms_;
  unsigned asked_ = 0;                  // by limiter
  std::int64_t store_second_ = -1;      // -1 = the store has not counted it
  std::shared_ptr<Follower> follower_;  // shared by all reservations of one core
};

// All or nothing. Null pointers are passed over. Exact with any number of threads: what is used never goes over a limit by
// more than one request's estimate, since one that is larger than what is left passes only while nothing else is under way
// (estimates are high: otherwise the rest of a limit could never be used).
std::expected<Reservation, Refusal> reserve(std::span<const std::shared_ptr<Limiter>> limiters,
                                            const Estimate& estimate, Moment now, Terms terms = {});

class Limiter {
 public:
  Limiter(Subject subject, std::string name, Limits limits = {});
  ~Limiter();
  const Subject subject;
  const std::string name;

  void set(const Limits& limits);  // what was used stays
  Limits limits() const;
  // Whether estimates matter: there is a limit of tokens or money.
  bool weighs() const { return weighs_.load(std::memory_order_relaxed); }
  bool limited() const { return limited_.load(std::memory_order_relaxed); }  // there is any limit
  // Adds what was used before; once, at the start.
  void start(const Spent& spent, Moment now);
  Standing standing(Moment now) const;

  // For what is shared with other replicas; see sharing.h, where these are made.
  bool agreed(std::uint64_t epoch) const;
  bool begin_agreement(std::uint64_t epoch, Moment now, Agreement& to);
  void end_agreement(const Agreement& of, const Tally* as, Moment now);
  void disagree(std::uint64_t epoch);
  bool take_untold(std::uint64_t epoch, Moment now, Tally& to);
  void heard(const Others& others, Moment now);

 private:
  friend class Reservation;
  friend std::expected<Reservation, Refusal> reserve(std::span<const std::shared_ptr<Limiter>> limiters,
                                                     const Estimate& estimate, Moment now, Terms terms);
  using Nano = std::int64_t;  // billionths of a dollar: sums are exact

  struct Ticket {
    std::int64_t tokens = 0;
    Nano cost = 0;
    std::int64_t second = 0, day = 0, month = 0;
    bool alone = false;  // the store was out of reach
  };
  // With mutex_ held.
  bool allows(const Limits& limits, const Estimate& estimate, Nano cost, Moment now, Refusal& refusal);
  Sharing& sharing();
  Tally tally() const;
  Limits part(const Terms& terms);  // of limits_, that may be used now
  void ask(const Ticket& ticket);
  void answered(const Ticket& ticket, std::uint64_t epoch, bool granted);
  void count_untold(const Ticket& ticket, std::int64_t requests, std::int64_t tokens);
  // What other replicas have used, as far as it was heard.
  struct Elsewhere {
    std::int64_t minute = 0, today = 0;
  };
  Elsewhere requests_elsewhere(Moment now) const;
  Elsewhere tokens_elsewhere(Moment now) const;
  int in_flight_elsewhere(Moment now) const;
  Nano others_spent() const;
  void take(const Ticket& ticket);
  void give_back(const Ticket& ticket);
  Charge settle(const Ticket& ticket, std::int64_t tokens, Nano cost);
  void roll(Moment now) const;
  Nano spent() const;
  Standing::Of standing_of(const MinuteWindow* minute, std::int64_t per_minute, std::int64_t per_day,
                           std::int64_t today, Moment now, const Elsewhere& others) const;

  std::atomic<bool> weighs_{false}, limited_{false};
  mutable std::mutex mutex_;
  Limits limits_;
  Nano budget_ = 0;
  mutable std::unique_ptr<MinuteWindow> requests_, tokens_;  // where there is such a limit
  int in_flight_ = 0;
  std::int64_t held_tokens_ = 0;  // estimates of requests under way
  Nano held_cost_ = 0;
  mutable std::int64_t day_ = 0, month_ = 0;
  mutable std::int64_t requests_today_ = 0, tokens_today_ = 0;
  mutable Nano cost_today_ = 0, cost_month_ = 0;
  Nano cost_total_ = 0;
  std::unique_ptr<Sharing> sharing_;  // once it was shared
};

}  // namespace pb::route
