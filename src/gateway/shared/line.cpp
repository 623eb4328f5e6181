#include "gateway/shared/line.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cmath>

#include "gateway/present.h"
#include "gateway/shared/scripts.h"

namespace pb::gateway::shared {
namespace asio = boost::asio;
using net::redis::Reply;
using route::Limiter;
namespace {

constexpr metrics::Family kSeconds{"patchbay_shared_seconds", "Time that Redis took to decide about a place.",
                                   metrics::Type::histogram};
constexpr auto kLook = std::chrono::milliseconds(1);

std::string text(std::int64_t n) { return std::to_string(n); }

// Billionths of a dollar, as limits count them.
std::int64_t nano(double dollars) { return std::llround(std::clamp(dollars, 0.0, 9e9) * 1e9); }

void add_tally(std::vector<std::string>& to, const route::Tally& t) {
  for (const std::int64_t n : {t.requests_today, t.tokens_today, t.cost_today, t.cost_month, t.cost_total,
                               t.in_flight, t.held_tokens, t.held_cost})
    to.push_back(text(n));
}

void add_limits(std::vector<std::string>& to, const route::Limits& l) {
  for (const std::int64_t n :
       {l.rates.requests_per_minute, l.rates.tokens_per_minute, l.rates.requests_per_day,
        l.rates.tokens_per_day, std::int64_t{l.rates.concurrency}, nano(l.budget.amount),
        static_cast<std::int64_t>(l.budget.per)})
    to.push_back(text(n));
}

// A list of whole numbers, at least `count` of them.
bool numbers(const Reply& reply, std::size_t count) {
  return reply.kind == Reply::Kind::list && reply.items.size() >= count &&
         std::ranges::all_of(reply.items, [](const Reply& r) { return r.kind == Reply::Kind::integer; });
}

std::int64_t wait_of(route::Limit limit, route::Period per, std::int64_t wait_ms, std::int64_t unix_ms) {
  if (wait_ms >= 0) return wait_ms;
  const route::Period period = limit == route::Limit::budget ? per : route::Period::day;
  const std::int64_t end = route::period_end(period, unix_ms);
  return end < 0 ? -1 : end - unix_ms;
}

double most_of(const route::Limits& l, route::Limit limit) {
  switch (limit) {
    case route::Limit::requests_per_minute:
      return static_cast<double>(l.rates.requests_per_minute);
    case route::Limit::tokens_per_minute:
      return static_cast<double>(l.rates.tokens_per_minute);
    case route::Limit::requests_per_day:
      return static_cast<double>(l.rates.requests_per_day);
    case route::Limit::tokens_per_day:
      return static_cast<double>(l.rates.tokens_per_day);
    case route::Limit::concurrency:
      return l.rates.concurrency;
    case route::Limit::budget:
      break;
  }
  return l.budget.amount;
}

}  // namespace

// Passes on what reservations tell, from any thread, to the line as long as it is there.
struct Line::Teller final : route::Follower {
  explicit Teller(asio::io_context& on) : io(on) {}
  void ended(Limiters limiters, std::int64_t second, std::int64_t requests, std::int64_t tokens) override {
    if (gone.load(std::memory_order_acquire)) return;
    asio::dispatch(io, [self = self.lock(), all = std::vector(limiters.begin(), limiters.end()), second,
                        requests, tokens] {
      if (self && !self->gone) self->line->settle(all, second, requests, tokens);
    });
  }
  asio::io_context& io;
  Line* line = nullptr;
  std::atomic<bool> gone{false};
  std::weak_ptr<Teller> self;
};

Line::Line(LineDeps deps)
    : deps_(deps),
      client_(
          net::redis::create_client({deps.io, deps.sweeper, deps.resolver}, deps.replicas.options().redis)),
      teller_(std::make_shared<Teller>(deps.io)),
      seconds_(deps.shard.histogram(kSeconds, "")) {
  teller_->line = this;
  teller_->self = teller_;
  if (deps_.board == nullptr) return;
  company_ = create_company({deps_.io, *client_, deps_.replicas, deps_.shard, *deps_.board,
                             [this](std::shared_ptr<Limiter> limiter, std::uint64_t epoch) {
                               return agree(std::move(limiter), epoch);
                             }});
}

Line::~Line() { teller_->gone = true; }

void Line::start() {
  client_->start([this](bool ready, const std::string& why) {
    if (!leaving_) deps_.replicas.line(ready, why, ready_);
  });
  if (company_ != nullptr) company_->start();
}

Task<void> Line::leave() {
  leaving_ = true;
  if (company_ != nullptr) co_await company_->leave();
  client_->close();
}

void Line::add_keys(std::vector<std::string>& keys, const Limiter& limiter) const {
  const std::string name = std::string(to_string(limiter.subject)) + ":" + limiter.name;
  keys.push_back(deps_.replicas.key("used", name));
  keys.push_back(deps_.replicas.key("minute", name));
}

Place Line::alone(Limiters limiters, const route::Estimate& estimate) {
  auto place = route::reserve(limiters, estimate, present(), deps_.replicas.alone());
  if (!place) return place;
  place->follow(teller_);
  for (const auto& l : limiters)
    if (l != nullptr && l->limited()) deps_.replicas.remember(l);
  return place;
}

Task<Place> Line::reserve(Limiters limiters, route::Estimate estimate) {
  const auto limited = [](const std::shared_ptr<Limiter>& l) { return l != nullptr && l->limited(); };
  if (std::ranges::none_of(limiters, limited)) co_return route::reserve(limiters, estimate, present());
  asio::steady_timer timer(deps_.io);
  while (deps_.replicas.starting()) {
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  constexpr int kTries = 2;  // an agreement may have been lost without our knowing
  for (int tried = 0; tried < kTries; ++tried) {
    const std::uint64_t epoch = deps_.replicas.epoch();
    if (epoch == 0) break;
    bool agreed = true;
    for (const auto& l : limiters) {
      if (!limited(l) || l->agreed(epoch)) continue;
      const bool did = co_await agree(l, epoch);
      agreed = agreed && did;
    }
    if (!agreed) continue;
    auto place = route::reserve(limiters, estimate, present(), {.epoch = epoch});
    if (!place) co_return place;
    route::Refusal refusal;
    const Said said = co_await ask(*place, epoch, refusal);
    if (said == Said::granted) {
      place->follow(teller_);
      co_return place;
    }
    place->cancel();
    if (said == Said::refused) co_return std::unexpected(refusal);
    if (said == Said::nothing) break;
  }
  co_return alone(limiters, estimate);
}

Task<Line::Said> Line::ask(route::Reservation& place, std::uint64_t epoch, route::Refusal& refusal) {
  const route::Moment now = present();
  std::vector<std::string> keys,
      args = {deps_.replicas.options().replica, text(static_cast<std::int64_t>(epoch)),
              text(route::day_of(now.unix_ms)), text(route::month_of(now.unix_ms)),
              text(place.estimate().tokens),    text(nano(place.estimate().cost))};
  std::vector<Limiter*> asked;
  std::vector<route::Limits> limits;
  for (std::size_t i = 0; i < place.limiters().size(); ++i) {
    if (!place.to_be_asked(i)) continue;
    asked.push_back(place.limiters()[i].get());
    limits.push_back(asked.back()->limits());
    add_keys(keys, *asked.back());
    add_limits(args, limits.back());
  }
  if (asked.empty()) co_return Said::granted;
  const auto begin = std::chrono::steady_clock::now();
  const auto got = co_await client_->call(shared::reserve(), std::move(keys), std::move(args));
  seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  constexpr std::size_t kHead = 6;
  if (!got || !numbers(*got, kHead) || got->items.size() % kOthers != kHead % kOthers) {
    place.answered(false, -1);
    deps_.replicas.lost(got ? "an answer that cannot be used: " + got->text.substr(0, 200)
                            : got.error().message);
    co_return Said::nothing;
  }
  const std::vector<Reply>& n = got->items;
  const auto which = static_cast<std::size_t>(n[1].integer);
  if (n[0].integer < 0 || which >= asked.size()) {
    place.answered(false, -1);
    asked[std::min(which, asked.size() - 1)]->disagree(epoch);
    co_return Said::unknown;
  }
  const bool granted = n[0].integer == 1;
  place.answered(granted, n[5].integer);
  if (!granted) place.cancel();  // before it is worked out what the others use
  for (std::size_t i = 0; i < asked.size() && kHead + (i + 1) * kOthers <= n.size(); ++i)
    heard(*asked[i], std::span(n).subspan(kHead + i * kOthers, kOthers));
  if (granted) co_return Said::granted;
  refusal.limiter = asked[which];
  refusal.limit = static_cast<route::Limit>(std::clamp<std::int64_t>(n[2].integer, 0, 5));
  refusal.per = limits[which].budget.per;
  const bool money = refusal.limit == route::Limit::budget;
  refusal.most = most_of(limits[which], refusal.limit);
  refusal.left = std::max(0.0, static_cast<double>(n[3].integer) / (money ? 1e9 : 1));
  refusal.retry_after_ms = wait_of(refusal.limit, refusal.per, n[4].integer, now.unix_ms);
  co_return Said::refused;
}

void Line::heard(Limiter& limiter, std::span<const Reply> n) {
  limiter.heard({n[0].integer, n[1].integer, n[2].integer, n[3].integer, n[4].integer, n[5].integer,
                 n[6].integer, n[7].integer},
                present());
}

Task<bool> Line::agree(std::shared_ptr<Limiter> limiter, std::uint64_t epoch) {
  route::Agreement a;
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(deps_.replicas.options().redis.command_ms);
  asio::steady_timer timer(deps_.io);
  while (!limiter->begin_agreement(epoch, present(), a)) {  // another core is about to make it
    if (limiter->agreed(epoch)) co_return true;
    if (deps_.replicas.epoch() != epoch || std::chrono::steady_clock::now() > end) co_return false;
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
  }
  deps_.replicas.remember(limiter);
  const Options& o = deps_.replicas.options();
  const route::Moment now = present();
  std::vector<std::string> keys, args = {o.replica, text(static_cast<std::int64_t>(epoch)),
                                         a.first ? "1" : "0", text(a.own.day), text(a.own.month)};
  add_keys(keys, *limiter);
  keys.push_back(deps_.replicas.key("uses", o.replica));
  add_tally(args, a.own);
  args.push_back(text(static_cast<std::int64_t>(limiter->limits().budget.per)));
  args.push_back(std::to_string(a.untold.size()));
  args.push_back(std::to_string(a.all.size()));
  for (const auto* seconds : {&a.untold, &a.all})
    for (const route::SecondCount& s : *seconds)
      for (const std::int64_t n : {now.steady_ms / 1000 - s.second, s.requests, s.tokens})
        args.push_back(text(n));
  const auto got = co_await client_->call(shared::agree(), std::move(keys), std::move(args));
  if (!got || !numbers(*got, 2) || (got->items[0].integer == 1 && got->items.size() != 6 + kOthers)) {
    limiter->end_agreement(a, nullptr, present());
    if (got) deps_.replicas.lost("an answer that cannot be used: " + got->text.substr(0, 200));
    co_return false;
  }
  const std::vector<Reply>& n = got->items;
  if (n[0].integer != 1) {  // the clock of this machine was put back
    limiter->end_agreement(a, nullptr, present());
    deps_.replicas.epoch_taken(static_cast<std::uint64_t>(std::max<std::int64_t>(0, n[1].integer)));
    deps_.replicas.lost("Redis knows a later start of this replica");
    co_return false;
  }
  route::Tally as = a.own;
  as.requests_today = n[1].integer;
  as.tokens_today = n[2].integer;
  as.cost_today = n[3].integer;
  as.cost_month = n[4].integer;
  as.cost_total = n[5].integer;
  limiter->end_agreement(a, &as, present());
  heard(*limiter, std::span(n).subspan(6, kOthers));
  const std::shared_ptr<Limiter> one[] = {limiter};
  settle(one, -1, 0, 0);  // what has happened meanwhile
  co_return true;
}

void Line::settle(Limiters limiters, std::int64_t second, std::int64_t requests, std::int64_t tokens) {
  const std::uint64_t epoch = deps_.replicas.epoch();
  if (epoch == 0) return;  // it is told with the next agreement
  const route::Moment now = present();
  std::vector<std::string> keys,
      args = {deps_.replicas.options().replica, text(static_cast<std::int64_t>(epoch)),
              text(route::day_of(now.unix_ms)), text(route::month_of(now.unix_ms))};
  std::vector<std::shared_ptr<Limiter>> told;
  for (const auto& l : limiters) {
    route::Tally change;
    const bool changed = l->take_untold(epoch, now, change);
    const bool minute = second >= 0 && (requests != 0 || tokens != 0) && l->limited();
    if (!changed && !minute) continue;
    add_keys(keys, *l);
    add_tally(args, changed ? change : route::Tally{});
    for (const std::int64_t n : {minute ? second : -1, requests, tokens}) args.push_back(text(n));
    told.push_back(l);
  }
  if (keys.empty()) return;
  client_->run(shared::settle(), keys, args, [told = std::move(told), epoch](Result<Reply> got) {
    const bool usable = got && numbers(*got, told.size());
    for (std::size_t i = 0; i < told.size(); ++i)  // the next agreement tells what this did not
      if (!usable || got->items[i].integer == 0) told[i]->disagree(epoch);
  });
}

}  // namespace pb::gateway::shared
