#include "gateway/plan.h"

#include <algorithm>

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
  order_ = route::order(*pool.route, pool.slots, facts_, now_ms, dice_);
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

std::optional<Route> Plan::next(std::int64_t now_ms, bool& probe) {
  probe = false;
  if (!plain_ && !entered_) enter(std::move(meaning_), now_ms);
  entered_ = true;
  for (;;) {
    while (at_ < order_.slots.size()) {
      const std::size_t slot = order_.slots[at_++];
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
  e.code = Code::overloaded;
  e.status = 503;
  e.message =
      "no deployment of route `" + (first_ != nullptr ? first_->name : std::string()) + "` can be used now";
  if (!verdicts_.empty()) e.message += " (" + verdicts_ + ")";
  e.retryable = true;
  e.retry_after_ms =
      until_ms_ > now_ms ? static_cast<int>(std::min<std::int64_t>(until_ms_ - now_ms, 3'600'000)) : 1000;
  return e;
}

}  // namespace pb::gateway
