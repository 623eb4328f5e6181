#include <algorithm>

#include "api/admin/endpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "route/names.h"

namespace pb::api::admin {
namespace {

void write_place(json::Writer& w, int weight, int priority, const std::vector<std::string>& tags) {
  w.field("weight", weight);
  w.field("priority", priority);
  w.strings("tags", tags);
}

void write_breaker(json::Writer& w, const gateway::DeploymentState& d) {
  constexpr std::string_view kStates[] = {"closed", "half_open", "open"};
  w.key("breaker");
  w.begin_object();
  w.field("state", kStates[static_cast<std::size_t>(d.breaker)]);
  time_field(w, "since", d.since_ms);
  w.field("retry_in_ms", d.retry_ms);
  w.end_object();
}

void write_figures(json::Writer& w, const gateway::DeploymentState& d) {
  w.field("cooling_ms", d.cooling_ms);
  w.field("in_flight", d.in_flight);
  w.field("answered", static_cast<std::int64_t>(d.answered));
  w.field("failed", static_cast<std::int64_t>(d.failed));
  w.key("last_minute");
  w.begin_object();
  w.field("ended", d.ended_minute);
  w.field("failed", d.failed_minute);
  number_field(
      w, "error_rate",
      d.ended_minute == 0 ? -1 : static_cast<double>(d.failed_minute) / static_cast<double>(d.ended_minute));
  w.end_object();
  number_field(w, "per_second", d.per_second);
  number_field(w, "first_token_ms", d.first_token_ms);
  number_field(w, "first_token_p95_ms", d.first_token_p95_ms);
  number_field(w, "tokens_per_second", d.tokens_per_second);
  number_field(w, "success", d.success);
}

void write_deployment(json::Writer& w, const gateway::DeploymentState& d) {
  w.begin_object();
  w.field("id", d.name);
  w.field("provider", d.provider);
  w.field("model", d.model);
  w.field("state", word_of(d));
  w.field("drained", d.drained);
  w.field("health", d.unhealthy ? "unhealthy" : d.checked_ms == 0 ? "unchecked" : "healthy");
  time_field(w, "health_checked", d.checked_ms);
  write_breaker(w, d);
  write_figures(w, d);
  w.key("allowance");
  if (d.allowance)
    write_allowance(w, *d.allowance);
  else
    w.null();
  w.key("routes");
  w.begin_array();
  for (const gateway::Membership& m : d.routes) {
    w.begin_object();
    w.field("route", m.route);
    write_place(w, m.weight, m.priority, m.tags);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_route(json::Writer& w, const gateway::RouteState& r) {
  w.begin_object();
  w.field("name", r.route->name);
  w.field("strategy", name_in(route::kStrategyNames, r.route->strategy));
  w.field("sticky", name_in(route::kStickyNames, r.route->sticky));
  w.field("mid_stream", name_in(route::kMidStreamNames, r.route->mid_stream));
  w.strings("fallbacks", r.route->fallbacks);
  w.key("deployments");
  w.begin_array();
  for (const gateway::RouteState::Place& p : r.deployments) {
    w.begin_object();
    w.field("id", p.name);
    write_place(w, p.deployment->weight, p.deployment->priority, p.deployment->tags);
    w.field("usable", p.usable);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

Result<Answer> answer_with(const Call& c, std::string_view name) {
  const auto found = gateway::find_deployment(c.deps.gateway.snapshot(), name, gateway::present());
  if (!found)
    return fail(Code::not_found, "there is no deployment `" + std::string(name) +
                                     "`: none of a route, and none that was asked for since the start");
  std::string out;
  json::Writer w(out);
  write_deployment(w, *found);
  return Answer{200, std::move(out)};
}

// One that can be changed: of a route, asked for before, or any model of a configured provider.
Result<route::Live*> find_live(const Call& c) {
  const gateway::Snapshot& s = c.deps.gateway.snapshot();
  if (route::Live* live = s.board().find(c.id)) return live;
  const std::size_t slash = c.id.find('/');
  if (slash == c.id.npos || slash + 1 == c.id.size() ||
      s.find_upstream(std::string_view(c.id).substr(0, slash)) == nullptr)
    return fail(Code::not_found, "there is no deployment `" + c.id +
                                     "`; its name is provider/model, with a configured provider");
  return &s.board().of(c.id);
}

Task<Result<Answer>> drain(Call& c, bool drained) {
  CO_TRY_ASSIGN(route::Live * live, find_live(c));
  c.deps.gateway.snapshot().board().drain(*live, drained);
  log::info(log::Module::api, drained ? "deployment drained" : "deployment enabled",
            {{"deployment", live->name}});
  co_return answer_with(c, live->name);
}

}  // namespace

Task<Result<Answer>> list_routes(Call& c) {
  const auto all = gateway::routes(c.deps.gateway.snapshot(), gateway::present());
  co_return Answer{200, list_json(all, page_of(c), [](const auto& r) { return r.route->name; }, write_route)};
}

Task<Result<Answer>> list_deployments(Call& c) {
  auto all = gateway::deployments(c.deps.gateway.snapshot(), gateway::present());
  const std::string route = c.parameter("route"), provider = c.parameter("provider");
  std::erase_if(all, [&](const gateway::DeploymentState& d) {
    return (!provider.empty() && d.provider != provider) ||
           (!route.empty() &&
            std::ranges::none_of(d.routes, [&](const auto& m) { return m.route == route; }));
  });
  co_return Answer{200, list_json(all, page_of(c), [](const auto& d) { return d.name; }, write_deployment)};
}

Task<Result<Answer>> show_deployment(Call& c) { co_return answer_with(c, c.id); }
Task<Result<Answer>> drain_deployment(Call& c) { return drain(c, true); }
Task<Result<Answer>> enable_deployment(Call& c) { return drain(c, false); }

Task<Result<Answer>> reset_deployment(Call& c) {
  CO_TRY_ASSIGN(route::Live * live, find_live(c));
  live->breaker.reset(steady_ms());
  live->cool_until_ms.store(0, std::memory_order_relaxed);
  log::info(log::Module::api, "deployment reset", {{"deployment", live->name}});
  co_return answer_with(c, live->name);
}

}  // namespace pb::api::admin
