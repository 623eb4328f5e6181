// The options of what may be used: by keys, teams and providers.
#include "config/options.h"
#include "route/names.h"

namespace pb::config {
namespace {

constexpr double kMany = 1e12;

struct Row {
  Option option;
  Ref (*ref)(LimitOptions&);
};

const Row kLimits[] = {
    {{"limits.requests_per_minute", Kind::count, "Requests within any sixty seconds; 0 = any number.", 0,
      kMany},
     [](LimitOptions& l) -> Ref { return &l.rates.requests_per_minute; }},
    {{"limits.tokens_per_minute", Kind::count,
      "Tokens of prompts and answers within any sixty seconds; 0 = any number.", 0, kMany},
     [](LimitOptions& l) -> Ref { return &l.rates.tokens_per_minute; }},
    {{"limits.requests_per_day", Kind::count, "Requests a day (UTC); 0 = any number.", 0, kMany},
     [](LimitOptions& l) -> Ref { return &l.rates.requests_per_day; }},
    {{"limits.tokens_per_day", Kind::count, "Tokens of prompts and answers a day (UTC); 0 = any number.", 0,
      kMany},
     [](LimitOptions& l) -> Ref { return &l.rates.tokens_per_day; }},
    {{"limits.concurrency", Kind::count, "Requests at a time; 0 = any number.", 0, 1'000'000},
     [](LimitOptions& l) -> Ref { return &l.rates.concurrency; }},
    {{"budget.amount", Kind::money, "US dollars that may be spent; 0 = any amount."},
     [](LimitOptions& l) -> Ref { return &l.budget; }},
    {{"budget.per", Kind::choice, "The budget's period (UTC).", 0, 0, route::kPeriodNames},
     [](LimitOptions& l) -> Ref { return &l.per; }},
};

constexpr Option kTeamModels = {"models", Kind::texts,
                                "Models that keys of the team may ask for, by name or `provider/model`; a "
                                "`*` stands for any text. None: all."};
constexpr Option kQueue = {"queue", Kind::duration,
                           "How long a request waits for a place under the provider's limits before it goes "
                           "elsewhere or is refused.",
                           0, 3'600'000};
constexpr Option kAlerts = {
    "alerts.budget",
    Kind::texts,
    "Shares of a budget at which a line in the log, a metric and the webhook tell of it, once a period.",
    0,
    0,
    {},
    {},
    "`50%`, `80%`, `100%`"};
constexpr Option kWebhook = {"alerts.webhook",
                             Kind::url,
                             "Address that gets a POST with a JSON object for each of these.",
                             0,
                             0,
                             {},
                             {},
                             "none"};

std::vector<Bound> bind_rows(LimitOptions& limits) {
  std::vector<Bound> out;
  for (const Row& r : kLimits) out.push_back({&r.option, r.ref(limits)});
  return out;
}

}  // namespace

std::vector<Bound> bind_limits(Config& config) {
  std::vector<Bound> out = bind_rows(config.limits);
  out.push_back({&kAlerts, &config.alerts.budget});
  out.push_back({&kWebhook, &config.alerts.webhook});
  return out;
}

std::vector<Bound> bind_limits(Provider& provider) {
  std::vector<Bound> out = bind_rows(provider.limits);
  out.push_back({&kQueue, &provider.queue_ms});
  return out;
}

std::vector<Bound> bind(Team& team) {
  std::vector<Bound> out = bind_rows(team.limits);
  out.push_back({&kTeamModels, &team.models});
  return out;
}

}  // namespace pb::config
