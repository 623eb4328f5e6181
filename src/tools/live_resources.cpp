// Resources that change by themselves: what was used, and how the providers are.
#include <algorithm>
#include <span>
#include <tuple>

#include "base/clock.h"
#include "base/json.h"
#include "base/when.h"
#include "gateway/admission.h"
#include "gateway/state.h"
#include "net/blocking.h"
#include "store/ledger.h"
#include "tools/changes.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::size_t kModelsShown = 500;  // of those that were used; those with the most requests come first

void write_sum(json::Writer& w, const store::UsageSum& s) {
  w.field("requests", s.requests);
  w.field("errors", s.errors);
  w.field("cached", s.cached);
  w.field("input_tokens", s.input);
  w.field("output_tokens", s.output);
  w.field("total_tokens", s.input + s.output);
  w.field("cost_usd", s.cost);
  if (s.cost_unknown != 0) w.field("requests_of_unknown_cost", s.cost_unknown);
  w.field("avg_latency_ms", static_cast<double>(s.latency_us_avg) / 1000);
}

store::UsageSum total_of(const std::vector<store::UsageSum>& rows) {
  store::UsageSum total;
  std::int64_t latency = 0;
  for (const store::UsageSum& r : rows) {
    total.requests += r.requests;
    total.errors += r.errors;
    total.cached += r.cached;
    total.input += r.input;
    total.output += r.output;
    total.cost += r.cost;
    total.cost_unknown += r.cost_unknown;
    latency += r.latency_us_avg * r.requests;
  }
  if (total.requests > 0) total.latency_us_avg = latency / total.requests;
  return total;
}

std::string usage_json(std::vector<store::UsageSum> rows, std::string_view key) {
  std::ranges::sort(rows, std::ranges::greater(),
                    [](const store::UsageSum& r) { return std::tie(r.requests, r.provider, r.model); });
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("at", time_text(unix_ms()));
  if (!key.empty()) w.field("key", key);
  w.key("total");
  w.begin_object();
  write_sum(w, total_of(rows));
  w.end_object();
  w.key("models");
  w.begin_array();
  for (const store::UsageSum& r : std::span(rows).first(std::min(rows.size(), kModelsShown))) {
    w.begin_object();
    w.field("provider", r.provider);
    w.field("model", r.model);
    write_sum(w, r);
    w.end_object();
  }
  w.end_array();
  if (rows.size() > kModelsShown)
    w.field("models_left_out", static_cast<std::int64_t>(rows.size() - kModelsShown));
  w.end_object();
  return out;
}

// Virtual keys and access tokens see their own; whoever has all rights sees everything.
Task<mcp::Outcome<std::string>> usage(Deps deps, const mcp::Context& context, std::string_view uri) {
  store::UsageFilter filter;
  if (!sees_all(context.principal())) filter.key = context.principal().name;
  const std::string key = filter.key;
  auto read = co_await net::blocking(deps.gateway.blocking(), [path = deps.ledger_path, filter] {
    return store::read_usage(path, filter, {"provider", "model"});
  });
  if (!read) co_return mcp::fault(mcp::kServerError, read.error().message);
  // No database: nothing has been booked yet.
  if (!*read && read->error().code != Code::not_found)
    co_return mcp::fault(mcp::kInternalError, read->error().message);
  std::vector<store::UsageSum> rows;
  if (*read) rows = std::move(**read);
  std::erase_if(rows,
                [](const store::UsageSum& r) { return r.provider.empty(); });  // refused before any was asked
  co_return "[" + mcp::text_contents(uri, kJson, usage_json(std::move(rows), key)) + "]";
}

void write_deployment(json::Writer& w, const gateway::DeploymentState& d) {
  w.begin_object();
  w.field("model", d.model);
  w.field("state", gateway::word_of(d));
  w.field("in_flight", d.in_flight);
  w.field("answered", static_cast<std::int64_t>(d.answered));
  w.field("failed", static_cast<std::int64_t>(d.failed));
  w.field("failed_last_minute", d.failed_minute);
  if (d.first_token_ms >= 0) w.field("first_token_ms", d.first_token_ms);
  if (d.retry_ms > 0) w.field("retry_in_ms", d.retry_ms);
  if (d.checked_ms != 0) w.field("checked_at", time_text(d.checked_ms));
  w.end_object();
}

// What requests and checks have shown so far: nobody is asked.
Task<mcp::Outcome<std::string>> health(Deps deps, const mcp::Context& context, std::string_view uri) {
  const gateway::Snapshot& snapshot = deps.gateway.snapshot();
  const gateway::Caller& caller = caller_of(context.principal());
  const VisibleProviders visible(deps, context);
  auto all = gateway::deployments(snapshot, gateway::present());
  std::erase_if(all, [&](const gateway::DeploymentState& d) {
    return !visible.has(d.provider) || !gateway::may_see(caller, d.model, d.provider);
  });
  std::string list;
  json::Writer w(list);
  std::vector<std::string_view> states;
  w.begin_array();
  for (const gateway::Upstream& u : snapshot.upstreams()) {
    if (!visible.has(u.provider->name)) continue;
    const std::string_view state = provider_health(all, u.provider->name);
    states.push_back(state);
    w.begin_object();
    w.field("name", u.provider->name);
    w.field("status", state);
    w.key("deployments");
    w.begin_array();
    for (const gateway::DeploymentState& d : all)
      if (d.provider == u.provider->name) write_deployment(w, d);
    w.end_array();
    w.end_object();
  }
  w.end_array();
  std::string out;
  json::Writer whole(out);
  whole.begin_object();
  whole.field("status", health_of_all(states));
  whole.field("at", time_text(unix_ms()));
  whole.key("providers");
  whole.raw(list);
  whole.end_object();
  co_return "[" + mcp::text_contents(uri, kJson, out) + "]";
}

}  // namespace

void add_live_resources(const Deps& deps, mcp::Offer& offer) {
  mcp::Resource providers{
      std::string(kHealthUri),
      "health",
      "Health of the providers",
      "How each provider and the models asked of it are, by the requests and checks so far",
      std::string(kJson),
      [deps](mcp::Context& c, std::string_view uri) { return health(deps, c, uri); },
      true};
  offer.resources.push_back(std::move(providers));
  if (deps.ledger_path.empty()) return;
  mcp::Resource used{std::string(kUsageUri),
                     "usage",
                     "Usage",
                     "Requests, tokens and cost by model: all of them, or those of the caller's own key",
                     std::string(kJson),
                     [deps](mcp::Context& c, std::string_view uri) { return usage(deps, c, uri); },
                     true};
  offer.resources.push_back(std::move(used));
}

}  // namespace pb::tools
