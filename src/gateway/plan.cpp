#include "gateway/plan.h"

#include <algorithm>

#include "base/clock.h"
#include "gateway/exchange.h"

namespace pb::gateway {

Plan::Plan(const Snapshot& snapshot, const llm::Dialect& client, Meaning meaning, const route::Facts& facts,
           bool thinking, route::Dice dice)
    : snapshot_(snapshot),
      client_(client),
      facts_(facts),
      dice_(std::move(dice)),
      thinking_(thinking),
      plain_(meaning.pool == nullptr),
      first_(meaning.pool != nullptr ? meaning.pool->route : nullptr),
      meaning_(std::move(meaning)) {
  if (plain_) order_.slots.push_back(0);
}

// The route's slots with what is left of their own limits. Tells when the first of those that are used up is free again.
std::vector<route::Slot> Plan::with_quotas(const Pool& pool, std::int64_t now_ms) {
  const route::Moment now{now_ms, unix_seconds() * 1000};
  std::vector<route::Slot> slots = pool.slots;
  for (route::Slot& slot : slots) {
    if (slot.deployment->limits.empty()) continue;
    const route::Standing s = slot.live->limiter->standing(now);
    const auto share = [](const route::Standing::Of& of) {
      return of.limit == 0 ? 1.0 : static_cast<double>(of.left) / static_cast<double>(of.limit);
    };
    slot.left = std::min(share(s.requests), share(s.tokens));
    if (s.concurrency != 0 && s.in_flight >= s.concurrency) slot.left = 0;
    if (slot.left > 0) continue;
    std::int64_t wait = 1000;  // for a place among those under way
    if (s.requests.limit != 0 && s.requests.left <= 0) wait = std::max(wait, s.requests.reset_ms);
    if (s.tokens.limit != 0 && s.tokens.left <= 0) wait = std::max(wait, s.tokens.reset_ms);
    used_up_ = true;
    if (until_ms_ == 0 || now_ms + wait < until_ms_) until_ms_ = now_ms + wait;
  }
  return slots;
}

// Puts a route's deployments in their order; its fallbacks come after them, before those that were waiting already.
void Plan::enter(Meaning meaning, std::int64_t now_ms) {
  meaning_ = std::move(meaning);
  at_ = 0;
  if (meaning_.pool == nullptr) {
    order_ = {};
    order_.slots.push_back(0);
    return;
  }
  const Pool& pool = *meaning_.pool;
  seen_.push_back(&pool);
  order_ = pool.limited ? route::order(*pool.route, with_quotas(pool, now_ms), facts_, now_ms, dice_)
                        : route::order(*pool.route, pool.slots, facts_, now_ms, dice_);
  if (reason_.empty()) reason_ = order_.reason;
  for (const route::Verdict& v : order_.verdicts) {
    if (v.usable) continue;
    if (!verdicts_.empty()) verdicts_ += "; ";
    verdicts_ += pool.slots[v.slot].live->name + ": " + v.why;
    const std::int64_t until = pool.slots[v.slot].live->breaker.open_until_ms();
    if (until != 0 && (until_ms_ == 0 || until < until_ms_)) until_ms_ = until;
  }
  const auto& names = pool.route->fallbacks;
  fallbacks_.insert(fallbacks_.end(), names.rbegin(), names.rend());
}

// A model that is asked for by name: routes leave out their drained deployments by themselves.
bool Plan::is_drained(const Target& target) {
  const route::Board& board = snapshot_.board();
  if (!board.any_drained()) return false;
  const std::string name = snapshot_.upstreams()[target.upstream].provider->name + "/" + target.model;
  const route::Live* live = board.find(name);
  if (live == nullptr || !live->drained.load(std::memory_order_relaxed)) return false;
  if (!verdicts_.empty()) verdicts_ += "; ";
  verdicts_ += name + ": drained";
  return true;
}

std::optional<Route> Plan::next(std::int64_t now_ms, bool& probe) {
  probe = false;
  if (!plain_ && !entered_) enter(std::move(meaning_), now_ms);
  entered_ = true;
  for (;;) {
    while (at_ < order_.slots.size()) {
      const std::size_t slot = order_.slots[at_++];
      if (meaning_.pool == nullptr && is_drained(meaning_.target)) continue;
      if (meaning_.pool != nullptr && !meaning_.pool->slots[slot].live->breaker.admit(now_ms, probe))
        continue;
      if (auto route = route_to(snapshot_, meaning_, slot, client_)) return std::move(*route);
    }
    if (fallbacks_.empty()) return std::nullopt;
    auto meaning = find(snapshot_, fallbacks_.back(), thinking_);
    fallbacks_.pop_back();
    if (!meaning) continue;  // the configuration's check has let none through
    if (meaning->pool != nullptr && std::ranges::find(seen_, meaning->pool) != seen_.end()) continue;
    enter(std::move(*meaning), now_ms);
  }
}

Error Plan::nobody(std::int64_t now_ms) const {
  Error e;
  e.code = used_up_ ? Code::rate_limited : Code::overloaded;
  e.status = used_up_ ? 429 : 503;
  e.message = first_ != nullptr ? "no deployment of route `" + first_->name + "` can be used now"
                                : "the model cannot be used now";
  if (!verdicts_.empty()) e.message += " (" + verdicts_ + ")";
  e.retryable = true;
  e.retry_after_ms =
      until_ms_ > now_ms ? static_cast<int>(std::min<std::int64_t>(until_ms_ - now_ms, 3'600'000)) : 1000;
  return e;
}

}  // namespace pb::gateway
