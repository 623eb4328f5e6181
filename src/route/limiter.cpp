#include "route/limiter.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "route/sharing.h"

namespace pb::route {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kSoonMs = 1000;  // when only requests under way stand in the way

std::int64_t nano(double dollars) {
  constexpr double kMost = 9e9;
  return std::llround(std::clamp(dollars, 0.0, kMost) * 1e9);
}
double dollars(std::int64_t nano) { return static_cast<double>(nano) / 1e9; }

std::chrono::year_month month_at(std::int64_t unix_ms) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day_of(unix_ms)}}};
  return date.year() / date.month();
}

// Whether `used` of `most` leaves room. `held`: other requests are under way whose share of `used` is an estimate.
bool fits(std::int64_t used, std::int64_t wanted, std::int64_t most, bool held) {
  return used < most && (!held || used + wanted <= most);
}

}  // namespace

std::int64_t day_of(std::int64_t unix_ms) { return unix_ms / kDayMs; }

std::int64_t month_of(std::int64_t unix_ms) {
  const auto m = month_at(unix_ms);
  return (static_cast<int>(m.year()) - 1970) * 12 + static_cast<int>(static_cast<unsigned>(m.month())) - 1;
}

std::int64_t period_end(Period period, std::int64_t unix_ms) {
  if (period == Period::total) return -1;
  if (period == Period::day) return (day_of(unix_ms) + 1) * kDayMs;
  const std::chrono::sys_days next = (month_at(unix_ms) + std::chrono::months{1}) / 1;
  return next.time_since_epoch().count() * kDayMs;
}

std::string_view to_string(Subject subject) {
  constexpr std::string_view kNames[] = {"key", "team", "provider", "deployment"};
  return kNames[static_cast<std::size_t>(subject)];
}

// ---------------------------------------------------------------- Limiter

Limiter::Limiter(Subject of, std::string named, Limits limits) : subject(of), name(std::move(named)) {
  set(limits);
}
Limiter::~Limiter() = default;

void Limiter::set(const Limits& limits) {
  const std::scoped_lock lock(mutex_);
  limits_ = limits;
  budget_ = nano(limits.budget.amount);
  limited_ = !limits.empty();
  weighs_ = budget_ > 0 || limits.rates.tokens_per_minute > 0 || limits.rates.tokens_per_day > 0;
  const auto keep = [](std::unique_ptr<MinuteWindow>& window, std::int64_t most) {
    if (most == 0)
      window.reset();
    else if (!window)
      window = std::make_unique<MinuteWindow>();
  };
  keep(requests_, limits.rates.requests_per_minute);
  keep(tokens_, limits.rates.tokens_per_minute);
}

Limits Limiter::limits() const {
  const std::scoped_lock lock(mutex_);
  return limits_;
}

void Limiter::start(const Spent& spent, Moment now) {
  const std::scoped_lock lock(mutex_);
  roll(now);
  requests_today_ += spent.requests_today;
  tokens_today_ += spent.tokens_today;
  cost_today_ += nano(spent.cost_today);
  cost_month_ += nano(spent.cost_this_month);
  cost_total_ += nano(spent.cost);
}

// Windows and days that are over begin anew.
void Limiter::roll(Moment now) const {
  if (requests_) requests_->advance(now.steady_ms);
  if (tokens_) tokens_->advance(now.steady_ms);
  if (sharing_) sharing_->advance(now.steady_ms);
  const std::int64_t day = day_of(now.unix_ms);
  if (day <= day_) return;
  day_ = day;
  requests_today_ = tokens_today_ = 0;
  cost_today_ = 0;
  if (sharing_) sharing_->roll(day_, month_of(now.unix_ms));
  if (const std::int64_t month = month_of(now.unix_ms); month > month_) {
    month_ = month;
    cost_month_ = 0;
  }
}

Limiter::Nano Limiter::spent() const {
  return limits_.budget.per == Period::day     ? cost_today_
         : limits_.budget.per == Period::month ? cost_month_
                                               : cost_total_;
}

bool Limiter::allows(const Limits& limits, const Estimate& estimate, Nano cost, Moment now,
                     Refusal& refusal) {
  const RateLimits& most = limits.rates;
  const Nano budget = nano(limits.budget.amount);
  const bool others = held_tokens_ > 0;
  const auto refuse = [&](Limit limit, double all, double left, std::int64_t wait_ms) {
    refusal = {this, limit, all, std::max(0.0, left), limits_.budget.per, wait_ms, limits != limits_};
    return false;
  };
  const auto whole = [&](Limit limit, std::int64_t all, std::int64_t used, std::int64_t wait_ms) {
    return refuse(limit, static_cast<double>(all), static_cast<double>(all - used), wait_ms);
  };
  const std::int64_t day_ends_in = period_end(Period::day, now.unix_ms) - now.unix_ms;
  if (most.concurrency > 0 && in_flight_ >= most.concurrency)
    return whole(Limit::concurrency, most.concurrency, in_flight_, kSoonMs);
  if (requests_ && requests_->sum() >= most.requests_per_minute)
    return whole(Limit::requests_per_minute, most.requests_per_minute, requests_->sum(),
                 requests_->until(most.requests_per_minute - 1, now.steady_ms));
  if (most.requests_per_day > 0 && requests_today_ >= most.requests_per_day)
    return whole(Limit::requests_per_day, most.requests_per_day, requests_today_, day_ends_in);
  if (tokens_ && !fits(tokens_->sum(), estimate.tokens, most.tokens_per_minute, others)) {
    const std::int64_t room = most.tokens_per_minute - (others ? estimate.tokens : 1);
    const std::int64_t wait = room < 0 ? kSoonMs : tokens_->until(room, now.steady_ms);
    return whole(Limit::tokens_per_minute, most.tokens_per_minute, tokens_->sum(), std::max(wait, kSoonMs));
  }
  if (most.tokens_per_day > 0 && !fits(tokens_today_, estimate.tokens, most.tokens_per_day, others))
    return whole(Limit::tokens_per_day, most.tokens_per_day, tokens_today_,
                 tokens_today_ - held_tokens_ < most.tokens_per_day ? kSoonMs : day_ends_in);
  if (budget > 0 && !fits(spent() + held_cost_, cost, budget, held_cost_ > 0)) {
    const std::int64_t end = period_end(limits_.budget.per, now.unix_ms);
    const std::int64_t wait = spent() < budget ? kSoonMs : end < 0 ? -1 : end - now.unix_ms;
    return refuse(Limit::budget, dollars(budget), dollars(budget - spent() - held_cost_), wait);
  }
  return true;
}

void Limiter::take(const Ticket& t) {
  ++in_flight_;
  if (requests_) requests_->change(t.second, 1);
  if (tokens_) tokens_->change(t.second, t.tokens);
  ++requests_today_;
  tokens_today_ += t.tokens;
  held_tokens_ += t.tokens;
  held_cost_ += t.cost;
  if (t.alone) count_untold(t, 1, t.tokens);
}

void Limiter::give_back(const Ticket& t) {
  if (requests_) requests_->change(t.second, -1);
  if (t.day == day_) --requests_today_;
  if (t.alone) count_untold(t, -1, 0);
  settle(t, 0, 0);
}

Charge Limiter::settle(const Ticket& t, std::int64_t tokens, Nano cost) {
  --in_flight_;
  held_tokens_ -= t.tokens;
  held_cost_ -= t.cost;
  if (tokens_) tokens_->change(t.second, tokens - t.tokens);
  if (t.alone) count_untold(t, 0, tokens - t.tokens);
  const Nano before = spent() + others_spent();
  if (t.day == day_) {
    tokens_today_ += tokens - t.tokens;
    cost_today_ += cost;
  }
  if (t.month == month_) cost_month_ += cost;
  cost_total_ += cost;
  return {this, dollars(before), dollars(spent() + others_spent()), dollars(budget_)};
}

Standing::Of Limiter::standing_of(const MinuteWindow* minute, std::int64_t per_minute, std::int64_t per_day,
                                  std::int64_t today, Moment now, const Elsewhere& others) const {
  Standing::Of of;
  const auto left = [](std::int64_t most, std::int64_t used) {
    return std::max<std::int64_t>(0, most - used);
  };
  if (minute != nullptr)
    of = {per_minute, left(per_minute, minute->sum() + others.minute), minute->until(0, now.steady_ms)};
  if (minute != nullptr && others.minute > 0) of.reset_ms = std::max(of.reset_ms, kSoonMs);
  const std::int64_t left_today = left(per_day, today + others.today);
  if (per_day > 0 && (minute == nullptr || left_today < of.left))
    of = {per_day, left_today, period_end(Period::day, now.unix_ms) - now.unix_ms};
  return of;
}

Standing Limiter::standing(Moment now) const {
  const std::scoped_lock lock(mutex_);
  roll(now);
  Standing s;
  const RateLimits& most = limits_.rates;
  // Headers are made of this for each request: what is the same is not worked out twice.
  const auto fill = [&](const MinuteWindow* window, std::int64_t per_minute, std::int64_t per_day,
                        std::int64_t today, const Elsewhere& elsewhere, Standing::Of& tighter,
                        Standing::Of& minute, Standing::Of& day) {
    tighter = standing_of(window, per_minute, per_day, today, now, elsewhere);
    if (per_day == 0) minute = tighter;
    if (per_minute == 0) day = tighter;
    if (per_day == 0 || per_minute == 0) return;
    minute = standing_of(window, per_minute, 0, 0, now, elsewhere);
    day = standing_of(nullptr, 0, per_day, today, now, elsewhere);
  };
  const Elsewhere requests = requests_elsewhere(now), tokens = tokens_elsewhere(now);
  fill(requests_.get(), most.requests_per_minute, most.requests_per_day, requests_today_, requests,
       s.requests, s.requests_per_minute, s.requests_per_day);
  fill(tokens_.get(), most.tokens_per_minute, most.tokens_per_day, tokens_today_, tokens, s.tokens,
       s.tokens_per_minute, s.tokens_per_day);
  s.concurrency = most.concurrency;
  s.in_flight = in_flight_ + in_flight_elsewhere(now);
  s.budget = dollars(budget_);
  s.spent = dollars(spent() + others_spent());
  if (const std::int64_t end = period_end(limits_.budget.per, now.unix_ms); end >= 0)
    s.budget_reset_ms = end - now.unix_ms;
  s.requests_today = requests_today_ + requests.today;
  s.tokens_today = tokens_today_ + tokens.today;
  return s;
}

// ---------------------------------------------------------------- Reservation

Reservation::Reservation(Reservation&& other) noexcept { *this = std::move(other); }

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  if (other.count_ != 0) limiters_ = std::move(other.limiters_);
  count_ = std::exchange(other.count_, 0);
  estimate_ = other.estimate_;
  second_ = other.second_;
  day_ = other.day_;
  month_ = other.month_;
  terms_ = other.terms_;
  asked_ = std::exchange(other.asked_, 0);
  store_second_ = std::exchange(other.store_second_, -1);
  follower_ = std::move(other.follower_);
  return *this;
}

Charges Reservation::settle(std::int64_t tokens, double cost) {
  Charges charges;
  if (nothing()) return charges;
  const Limiter::Ticket ticket{estimate_.tokens, nano(estimate_.cost), second_, day_,
                               month_,           terms_.replicas > 0};
  for (std::size_t i = 0; i < count_; ++i) {
    const std::scoped_lock lock(limiters_[i]->mutex_);
    charges[i] = limiters_[i]->settle(ticket, tokens, nano(cost));
  }
  ended(false, tokens);
  return charges;
}

void Reservation::cancel() {
  if (nothing()) return;
  const Limiter::Ticket ticket{estimate_.tokens, nano(estimate_.cost), second_, day_,
                               month_,           terms_.replicas > 0};
  for (std::size_t i = 0; i < count_; ++i) {
    const std::scoped_lock lock(limiters_[i]->mutex_);
    limiters_[i]->give_back(ticket);
  }
  ended(true, 0);
  for (auto& l : limiters_) l.reset();
}

std::expected<Reservation, Refusal> reserve(std::span<const std::shared_ptr<Limiter>> limiters,
                                            const Estimate& estimate, Moment now, Terms terms) {
  Reservation r;
  for (const auto& l : limiters)
    if (l != nullptr && r.count_ < kLimitersMax) r.limiters_[r.count_++] = l;
  const std::size_t count = std::exchange(r.count_, 0);
  r.estimate_ = {std::max<std::int64_t>(0, estimate.tokens), std::max(0.0, estimate.cost)};
  const std::int64_t cost = nano(r.estimate_.cost);

  // All are locked, in one order for all threads, so that between looking and taking nobody else takes.
  std::array<Limiter*, kLimitersMax> order{};
  for (std::size_t i = 0; i < count; ++i) order[i] = r.limiters_[i].get();
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), std::less<>());
  std::array<std::unique_lock<std::mutex>, kLimitersMax> locks;
  for (std::size_t i = 0; i < count; ++i)
    if (i == 0 || order[i] != order[i - 1]) locks[i] = std::unique_lock(order[i]->mutex_);
  Refusal refusal;
  for (std::size_t i = 0; i < count; ++i) {
    r.limiters_[i]->roll(now);
    Limiter& l = *r.limiters_[i];
    if (terms.replicas <= 0 ? !l.allows(l.limits_, r.estimate_, cost, now, refusal)
                            : !l.allows(l.part(terms), r.estimate_, cost, now, refusal))
      return std::unexpected(refusal);
  }
  r.second_ = now.steady_ms / 1000;
  r.day_ = day_of(now.unix_ms);
  r.month_ = month_of(now.unix_ms);
  r.terms_ = terms;
  for (std::size_t i = 0; i < count; ++i) {
    const Limiter::Ticket ticket{r.estimate_.tokens, cost, r.second_, r.day_, r.month_, terms.replicas > 0};
    Limiter& l = *r.limiters_[i];
    l.take(ticket);
    if (terms.epoch == 0 || l.sharing_ == nullptr || l.sharing_->epoch != terms.epoch) continue;
    l.ask(ticket);
    r.asked_ |= 1u << i;
  }
  r.count_ = count;
  return r;
}

}  // namespace pb::route
