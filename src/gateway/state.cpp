#include "gateway/state.h"

#include <algorithm>
#include <map>

namespace pb::gateway {
namespace {

using route::Limit;

void add(Allowance& a, Limit limit, const route::Standing::Of& of) {
  if (of.limit == 0) return;
  a.limits.push_back({limit, static_cast<double>(of.limit), static_cast<double>(of.left), of.reset_ms});
}

DeploymentState state_of(const route::Live& live, route::Moment now) {
  DeploymentState d;
  d.name = live.name;
  const std::size_t slash = live.name.find('/');
  d.provider = live.name.substr(0, slash);
  if (slash != live.name.npos) d.model = live.name.substr(slash + 1);
  const auto unix_time = [&](std::int64_t steady_ms) {
    return steady_ms == 0 ? 0 : now.unix_ms - (now.steady_ms - steady_ms);
  };
  d.drained = live.drained.load(std::memory_order_relaxed);
  d.unhealthy = live.unhealthy.load(std::memory_order_relaxed);
  d.breaker = live.breaker.state(now.steady_ms);
  d.since_ms = unix_time(live.breaker.since_ms());
  if (d.breaker != route::Breaker::State::closed)
    d.retry_ms = std::max<std::int64_t>(0, live.breaker.open_until_ms() - now.steady_ms);
  d.cooling_ms =
      std::max<std::int64_t>(0, live.cool_until_ms.load(std::memory_order_relaxed) - now.steady_ms);
  d.checked_ms = unix_time(live.checked_ms.load(std::memory_order_relaxed));
  d.in_flight = live.in_flight.load(std::memory_order_relaxed);
  d.answered = live.answered.load(std::memory_order_relaxed);
  d.failed = live.failed.load(std::memory_order_relaxed);
  d.ended_minute = live.ended.sum(now.steady_ms);
  d.failed_minute = live.lost.sum(now.steady_ms);
  constexpr int kSeconds = 10;
  d.per_second = static_cast<double>(live.ended.sum(now.steady_ms, kSeconds)) / kSeconds;
  const auto known = [](const route::Ewma& mean) { return mean.known() ? mean.value() : -1; };
  d.first_token_ms = known(live.first_token_ms);
  d.first_token_p95_ms = live.first_tokens_ms.percentile(0.95);
  d.tokens_per_second = known(live.tokens_per_second);
  d.success = known(live.success);
  if (!live.limiter->limits().empty()) d.allowance = allowance(*live.limiter, now);
  return d;
}

using Places = std::map<const route::Live*, std::vector<Membership>>;

Places places_of(const Snapshot& snapshot) {
  Places places;
  for (const Pool& pool : snapshot.pools())
    for (const route::Slot& slot : pool.slots)
      places[slot.live].push_back(
          {pool.route->name, slot.deployment->weight, slot.deployment->priority, slot.deployment->tags});
  return places;
}

bool was_used(const DeploymentState& d) {
  return d.answered != 0 || d.failed != 0 || d.in_flight != 0 || d.drained;
}

}  // namespace

Allowance allowance(const route::Limiter& limiter, route::Moment now) {
  const route::Standing s = limiter.standing(now);
  Allowance a;
  a.subject = limiter.subject;
  a.name = limiter.name;
  add(a, Limit::requests_per_minute, s.requests_per_minute);
  add(a, Limit::tokens_per_minute, s.tokens_per_minute);
  add(a, Limit::requests_per_day, s.requests_per_day);
  add(a, Limit::tokens_per_day, s.tokens_per_day);
  if (s.concurrency > 0)
    a.limits.push_back({Limit::concurrency, static_cast<double>(s.concurrency),
                        static_cast<double>(std::max(0, s.concurrency - s.in_flight)), 0});
  a.per = limiter.limits().budget.per;
  if (s.budget > 0)
    a.limits.push_back({Limit::budget, s.budget, std::max(0.0, s.budget - s.spent), s.budget_reset_ms});
  for (const LimitUse& use : a.limits) a.used = std::max(a.used, 1 - use.left / use.most);
  a.in_flight = s.in_flight;
  a.requests_today = s.requests_today;
  a.tokens_today = s.tokens_today;
  a.spent = s.spent;
  return a;
}

std::vector<Allowance> allowances(const KeyRing& keys, const route::Board& board, route::Moment now) {
  std::vector<Allowance> out;
  const auto table = keys.table();
  for (const KeyEntry& e : table->entries()) {
    if (!e.key.usable(now.unix_ms)) continue;
    out.push_back(allowance(e.use->limiter, now));
    out.back().team = e.key.team;
  }
  for (const auto& team : keys.teams()) out.push_back(allowance(team->limiter, now));
  for (const auto& provider : keys.providers()) out.push_back(allowance(*provider, now));
  for (const route::Live* live : board.all())
    if (!live->limiter->limits().empty()) out.push_back(allowance(*live->limiter, now));
  return out;
}

std::string_view word_of(const DeploymentState& d) {
  if (d.drained) return "drained";
  if (d.unhealthy) return "unhealthy";
  if (d.breaker == route::Breaker::State::open) return "open";
  if (d.breaker == route::Breaker::State::half_open) return "half_open";
  if (d.allowance && d.allowance->used >= 1) return "limited";
  return d.cooling_ms > 0 ? "cooling" : "ready";
}

std::vector<DeploymentState> deployments(const Snapshot& snapshot, route::Moment now) {
  const Places places = places_of(snapshot);
  std::vector<DeploymentState> out;
  for (const route::Live* live : snapshot.board().all()) {
    DeploymentState d = state_of(*live, now);
    if (const auto found = places.find(live); found != places.end())
      d.routes = found->second;
    else if (!was_used(d))
      continue;
    out.push_back(std::move(d));
  }
  return out;
}

std::optional<DeploymentState> find_deployment(const Snapshot& snapshot, std::string_view name,
                                               route::Moment now) {
  const route::Live* live = snapshot.board().find(name);
  if (live == nullptr) return std::nullopt;
  DeploymentState d = state_of(*live, now);
  const Places places = places_of(snapshot);
  if (const auto found = places.find(live); found != places.end()) d.routes = found->second;
  return d;
}

std::vector<RouteState> routes(const Snapshot& snapshot, route::Moment now) {
  std::vector<RouteState> out;
  for (const Pool& pool : snapshot.pools()) {
    RouteState& r = out.emplace_back();
    r.route = pool.route;
    for (const route::Slot& slot : pool.slots)
      r.deployments.push_back({slot.live->name, slot.live->usable(now.steady_ms), slot.deployment});
  }
  std::ranges::sort(out, {}, [](const RouteState& r) -> std::string_view { return r.route->name; });
  return out;
}

Overview overview(const std::vector<DeploymentState>& all) {
  Overview o;
  o.deployments = static_cast<int>(all.size());
  for (const DeploymentState& d : all) {
    const std::string_view word = word_of(d);
    o.ready += word == "ready" || word == "cooling" ? 1 : 0;
    o.in_flight += d.in_flight;
    o.answered += d.answered;
    o.failed += d.failed;
    o.per_second += d.per_second;
  }
  return o;
}

}  // namespace pb::gateway
