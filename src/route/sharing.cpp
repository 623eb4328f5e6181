#include "route/sharing.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pb::route {
namespace {

constexpr std::int64_t kMinuteMs = 61'000;

}  // namespace

void Tally::add(const Tally& o, int sign) {
  requests_today += sign * o.requests_today;
  tokens_today += sign * o.tokens_today;
  cost_today += sign * o.cost_today;
  cost_month += sign * o.cost_month;
  cost_total += sign * o.cost_total;
  in_flight += sign * o.in_flight;
  held_tokens += sign * o.held_tokens;
  held_cost += sign * o.held_cost;
}

bool Tally::nothing() const {
  return requests_today == 0 && tokens_today == 0 && cost_today == 0 && cost_month == 0 && cost_total == 0 &&
         in_flight == 0 && held_tokens == 0 && held_cost == 0;
}

void Tally::roll(std::int64_t to_day, std::int64_t to_month) {
  if (to_day > day) {
    day = to_day;
    requests_today = tokens_today = cost_today = 0;
  }
  if (to_month > month) {
    month = to_month;
    cost_month = 0;
  }
}

void Sharing::count_untold(std::int64_t second, std::int64_t requests, std::int64_t tokens) {
  if (!untold) untold = std::make_unique<Untold>();
  advance(second * 1000);
  untold->requests.change(second, requests);
  untold->tokens.change(second, tokens);
}

std::int64_t part_of(std::int64_t most, std::int64_t own, std::int64_t others, int replicas) {
  if (most <= 0) return most;
  const std::int64_t left = std::max<std::int64_t>(0, most - own - others);
  return std::max<std::int64_t>(1, own + left / std::max(1, replicas));
}

// ---------------------------------------------------------------- Limiter, with mutex_ held

Sharing& Limiter::sharing() {
  if (!sharing_) sharing_ = std::make_unique<Sharing>();
  return *sharing_;
}

Tally Limiter::tally() const {
  return {day_,        month_,      requests_today_, tokens_today_, cost_today_,
          cost_month_, cost_total_, in_flight_,      held_tokens_,  held_cost_};
}

namespace {

Tally tally_of(std::int64_t day, std::int64_t month, std::int64_t tokens, std::int64_t cost, bool today) {
  Tally t;
  t.day = day;
  t.month = month;
  t.requests_today = today ? 1 : 0;
  t.tokens_today = today ? tokens : 0;
  t.in_flight = 1;
  t.held_tokens = tokens;
  t.held_cost = cost;
  return t;
}

}  // namespace

void Limiter::ask(const Ticket& t) {
  sharing_->asking.add(tally_of(t.day, t.month, t.tokens, t.cost, t.day == day_), 1);
}

void Limiter::answered(const Ticket& t, std::uint64_t epoch, bool granted) {
  if (!sharing_ || sharing_->epoch != epoch) return;  // a later agreement has seen to it
  const Tally one = tally_of(t.day, t.month, t.tokens, t.cost, t.day == day_);
  sharing_->asking.add(one, -1);
  if (granted) sharing_->told.add(one, 1);
}

void Limiter::count_untold(const Ticket& t, std::int64_t requests, std::int64_t tokens) {
  if (!sharing_ || sharing_->epoch != 0) return;  // told meanwhile, as it stood: at most a minute's estimate
  sharing_->count_untold(t.second, requests, tokens);
}

Limits Limiter::part(const Terms& terms) {
  Sharing& s = sharing();
  if (s.outage != terms.outage) {
    s.outage = terms.outage;
    s.epoch = 0;
    s.base = tally();
    s.base_requests = requests_ ? requests_->sum() : 0;
    s.base_tokens = tokens_ ? tokens_->sum() : 0;
    s.others_then = s.others_window;
    s.others_tokens_then = s.others_window_tokens;
  }
  const int n = terms.replicas;
  const bool today = s.base.day == day_, month = s.base.month == month_;
  const bool heard_today = s.heard_day == day_, heard_month = s.heard_month == month_;
  const auto of_day = [&](std::int64_t most, std::int64_t own, std::int64_t others) {
    return today ? part_of(most, own, heard_today ? others : 0, n) : part_of(most, 0, 0, n);
  };
  // Of a minute never more than an equal part, so that after the first one no more than the limit passes in any.
  const auto of_minute = [&](std::int64_t most, std::int64_t own, std::int64_t others) {
    return std::min(part_of(most, 0, 0, n), part_of(most, own, others, n));
  };
  Limits out = limits_;
  RateLimits& r = out.rates;
  r.requests_per_minute = of_minute(r.requests_per_minute, s.base_requests, s.others_then);
  r.tokens_per_minute = of_minute(r.tokens_per_minute, s.base_tokens, s.others_tokens_then);
  r.requests_per_day = of_day(r.requests_per_day, s.base.requests_today, s.others.requests_today);
  r.tokens_per_day = of_day(r.tokens_per_day, s.base.tokens_today, s.others.tokens_today);
  r.concurrency = static_cast<decltype(r.concurrency)>(part_of(r.concurrency, 0, 0, n));
  if (budget_ > 0) {
    const Period per = out.budget.per;
    const bool same = per == Period::total || (per == Period::day ? today : month);
    const bool known = per == Period::total || (per == Period::day ? heard_today : heard_month);
    const Nano own = per == Period::day     ? s.base.cost_today
                     : per == Period::month ? s.base.cost_month
                                            : s.base.cost_total;
    const Nano others = known ? s.others.spent + s.others.held_cost : 0;
    const Nano part = same ? part_of(budget_, own, others, n) : part_of(budget_, 0, 0, n);
    out.budget.amount = static_cast<double>(part) / 1e9;
  }
  return out;
}

Limiter::Nano Limiter::others_spent() const {
  if (!sharing_ || sharing_->heard_ms < 0) return 0;
  const bool same = limits_.budget.per == Period::day     ? sharing_->heard_day == day_
                    : limits_.budget.per == Period::month ? sharing_->heard_month == month_
                                                          : true;
  return same ? sharing_->others.spent : 0;
}

namespace {

// What was heard of the last minute fades: nobody tells when it is over.
std::int64_t faded(std::int64_t n, std::int64_t age_ms) {
  return (n * std::max<std::int64_t>(0, kMinuteMs - age_ms) + kMinuteMs - 1) / kMinuteMs;
}

}  // namespace

Limiter::Elsewhere Limiter::requests_elsewhere(Moment now) const {
  if (!sharing_ || sharing_->heard_ms < 0) return {};
  const Sharing& s = *sharing_;
  return {faded(s.others_window, now.steady_ms - s.heard_ms),
          s.heard_day == day_ ? s.others.requests_today : 0};
}

Limiter::Elsewhere Limiter::tokens_elsewhere(Moment now) const {
  if (!sharing_ || sharing_->heard_ms < 0) return {};
  const Sharing& s = *sharing_;
  return {faded(s.others_window_tokens, now.steady_ms - s.heard_ms),
          s.heard_day == day_ ? s.others.tokens_today : 0};
}

int Limiter::in_flight_elsewhere(Moment now) const {
  constexpr std::int64_t kFlightMs = 1000;
  const bool fresh = sharing_ && sharing_->heard_ms >= 0 && now.steady_ms - sharing_->heard_ms < kFlightMs;
  return fresh ? static_cast<int>(sharing_->others.in_flight) : 0;
}

// ---------------------------------------------------------------- Limiter, for who talks to the store

bool Limiter::agreed(std::uint64_t epoch) const {
  const std::scoped_lock lock(mutex_);
  return sharing_ && sharing_->epoch == epoch;
}

bool Limiter::begin_agreement(std::uint64_t epoch, Moment now, Agreement& to) {
  const std::scoped_lock lock(mutex_);
  Sharing& s = sharing();
  if (s.epoch == epoch || s.agreeing) return false;
  roll(now);
  s.advance(now.steady_ms);
  s.agreeing = true;
  s.epoch = 0;
  to.epoch = epoch;
  to.first = !s.ever;
  to.own = tally();
  to.untold.clear();
  to.all.clear();
  for (std::int64_t second = now.steady_ms / 1000 - 59; second <= now.steady_ms / 1000; ++second) {
    SecondCount untold;
    if (s.untold) untold = {second, s.untold->requests.at(second), s.untold->tokens.at(second)};
    const SecondCount all{second, requests_ ? requests_->at(second) : 0, tokens_ ? tokens_->at(second) : 0};
    if (untold.requests != 0 || untold.tokens != 0) to.untold.push_back(untold);
    if (all.requests != 0 || all.tokens != 0) to.all.push_back(all);
  }
  s.untold.reset();
  return true;
}

void Limiter::end_agreement(const Agreement& of, const Tally* as, Moment now) {
  const std::scoped_lock lock(mutex_);
  Sharing& s = sharing();
  roll(now);
  s.agreeing = false;
  if (as != nullptr) {
    s.epoch = of.epoch;
    s.ever = true;
    s.told = *as;
    s.told.roll(day_, month_);
    Tally more = s.told, own = of.own;
    own.roll(day_, month_);
    more.add(own, -1);
    requests_today_ += more.requests_today;
    tokens_today_ += more.tokens_today;
    cost_today_ += more.cost_today;
    cost_month_ += more.cost_month;
    cost_total_ += more.cost_total;
    s.asking = {};
    s.asking.day = day_;
    s.asking.month = month_;
    return;
  }
  for (const SecondCount& c : of.untold) s.count_untold(c.second, c.requests, c.tokens);
}

void Limiter::disagree(std::uint64_t epoch) {
  const std::scoped_lock lock(mutex_);
  if (sharing_ && sharing_->epoch == epoch) sharing_->epoch = 0;
}

bool Limiter::take_untold(std::uint64_t epoch, Moment now, Tally& to) {
  const std::scoped_lock lock(mutex_);
  if (!sharing_ || sharing_->epoch != epoch) return false;
  roll(now);
  to = tally();
  to.add(sharing_->told, -1);
  to.add(sharing_->asking, -1);
  if (to.nothing()) return false;
  sharing_->told.add(to, 1);
  return true;
}

void Limiter::heard(const Others& others, Moment now) {
  const std::scoped_lock lock(mutex_);
  Sharing& s = sharing();
  roll(now);
  s.others = others;
  // What is being asked for is counted here already, and there perhaps not.
  const std::int64_t own = requests_ ? requests_->sum() - s.asking.in_flight : 0;
  const std::int64_t own_tokens = tokens_ ? tokens_->sum() - s.asking.held_tokens : 0;
  s.others_window = std::max<std::int64_t>(0, others.requests - own);
  s.others_window_tokens = std::max<std::int64_t>(0, others.tokens - own_tokens);
  s.heard_ms = now.steady_ms;
  s.heard_day = day_;
  s.heard_month = month_;
}

// ---------------------------------------------------------------- Reservation

void Reservation::answered(bool granted, std::int64_t second) {
  const Limiter::Ticket ticket{estimate_.tokens, std::llround(std::min(estimate_.cost, 9e9) * 1e9), second_,
                               day_, month_};
  for (std::size_t i = 0; i < count_; ++i) {
    if ((asked_ >> i & 1u) == 0) continue;
    const std::scoped_lock lock(limiters_[i]->mutex_);
    limiters_[i]->answered(ticket, terms_.epoch, granted);
  }
  asked_ = 0;
  store_second_ = granted ? second : -1;
}

void Reservation::ended(bool cancelled, std::int64_t tokens) {
  if (asked_ != 0) answered(false, -1);  // the question was given up with its coroutine
  const std::size_t count = std::exchange(count_, 0);
  const std::shared_ptr<Follower> follower = std::move(follower_);
  if (!follower || count == 0) return;
  follower->ended({limiters_.data(), count}, store_second_, cancelled ? -1 : 0, tokens - estimate_.tokens);
}

}  // namespace pb::route
