// The options of routes, rules and of what happens when a deployment fails.
#include "config/option_rows.h"
#include "route/names.h"

namespace pb::config {
namespace {

constexpr double kMany = 1e12;
constexpr std::string_view kOfAll = "that of `retries`";

const Row<Config> kResilience[] = {
    {{"retries.attempts", Kind::count,
      "Further tries of a deployment that could not answer, before the next one is taken.", 0, 10},
     [](Config& c) -> Ref { return &c.retries.attempts; }},
    {{"retries.wait", Kind::duration,
      "Longest wait before the first of them; it doubles with each. The wait itself is drawn by chance.", 1,
      kMinute},
     [](Config& c) -> Ref { return &c.retries.base_ms; }},
    {{"retries.wait_max", Kind::duration,
      "Longest wait at all. A provider that asks for more is left for the next deployment.", 1, kHour},
     [](Config& c) -> Ref { return &c.retries.max_ms; }},
    {{"retries.budget", Kind::share, "Retries and hedges that may be made, as a share of all requests."},
     [](Config& c) -> Ref { return &c.retries.budget; }},
    {{"breaker.failures", Kind::count,
      "Failures in a row after which a deployment is left alone for a while; 0 = never.", 0, 1'000},
     [](Config& c) -> Ref { return &c.breaker.failures; }},
    {{"breaker.open", Kind::duration,
      "How long at first; then one request tries it. It doubles while that fails.", 1, kDay},
     [](Config& c) -> Ref { return &c.breaker.open_ms; }},
    {{"breaker.open_max", Kind::duration, "The longest that becomes.", 1, kDay},
     [](Config& c) -> Ref { return &c.breaker.open_max_ms; }},
    {{"health.interval", Kind::duration,
      "How often providers of routes are asked whether they work; 0 = never.", 0, kDay},
     [](Config& c) -> Ref { return &c.health.interval_ms; }},
    {{"health.timeout", Kind::duration, "For the answer to that.", 1, kHour},
     [](Config& c) -> Ref { return &c.health.timeout_ms; }},
    {{"health.unhealthy_after", Kind::count, "Failed checks in a row until nothing is sent there.", 1, 1'000},
     [](Config& c) -> Ref { return &c.health.unhealthy_after; }},
    {{"health.healthy_after", Kind::count, "Good checks in a row until it is used again.", 1, 1'000},
     [](Config& c) -> Ref { return &c.health.healthy_after; }},
};

const Row<RouteDraft> kRoute[] = {
    {{"strategy", Kind::choice, "Which of its deployments comes first ([routing.md](routing.md)).", 0, 0,
      route::kStrategyNames},
     [](RouteDraft& d) -> Ref { return &d.strategy; }},
    {{"fallbacks", Kind::texts,
      "Routes, names of `models` or `provider/model` that are tried in turn when no deployment answers."},
     [](RouteDraft& d) -> Ref { return &d.route.fallbacks; }},
    {{"sticky", Kind::choice,
      "Keeps a conversation on one deployment, for its prompt cache: by the conversation's beginning, by the "
      "header "
      "`x-patchbay-session`, `x-session-id` or `session_id`, or by key and user.",
      0, 0, route::kStickyNames},
     [](RouteDraft& d) -> Ref { return &d.sticky; }},
    {{"mid_stream", Kind::choice,
      "What happens when a stream breaks after its first byte: the client gets the error, or another "
      "deployment goes on from there.",
      0, 0, route::kMidStreamNames},
     [](RouteDraft& d) -> Ref { return &d.mid_stream; }},
    {{"first_token", Kind::duration,
      "A deployment that has not begun to answer by then is left for the next; 0 = the provider's "
      "`timeouts.first_byte`.",
      0, kDay},
     [](RouteDraft& d) -> Ref { return &d.route.first_token_ms; }},
    {{"cache.keep", Kind::choice,
      "Whether answers are kept for the same request asked again ([cache.md](cache.md)); `inherit`: as "
      "`cache` says.",
      0, 0, route::kKeepNames},
     [](RouteDraft& d) -> Ref { return &d.keep; }},
    {{"cache.ttl", Kind::duration, "How long they are kept; 0 = `cache.ttl`.", 0, 20 * kDay},
     [](RouteDraft& d) -> Ref { return &d.route.keep_ms; }},
    {{"retries.attempts", Kind::count, "As in `retries`, for this route.", 0, 10, {}, {}, kOfAll},
     [](RouteDraft& d) -> Ref { return &d.retries.attempts; }},
    {{"retries.wait", Kind::duration, "As in `retries`, for this route.", 1, kMinute, {}, {}, kOfAll},
     [](RouteDraft& d) -> Ref { return &d.retries.base_ms; }},
    {{"retries.wait_max", Kind::duration, "As in `retries`, for this route.", 1, kHour, {}, {}, kOfAll},
     [](RouteDraft& d) -> Ref { return &d.retries.max_ms; }},
    {{"retries.budget", Kind::share, "As in `retries`, for this route.", 0, 0, {}, {}, kOfAll},
     [](RouteDraft& d) -> Ref { return &d.retries.budget; }},
    {{"hedge.after", Kind::text,
      "When a second deployment is asked too, and the first to answer wins: a duration, or `p95` for the "
      "time within which 95 % of the "
      "deployment's answers begin. Without `hedge` none is."},
     [](RouteDraft& d) -> Ref { return &d.hedge_after; }},
    {{"hedge.share", Kind::share, "Of the route's requests that may be sent twice."},
     [](RouteDraft& d) -> Ref { return &d.route.hedge.share; }},
};

const Row<DeploymentDraft> kDeployment[] = {
    {{"use",
      Kind::text,
      "`provider/model`. Required. A `*` at its end is what the one of the route's name stands for.",
      0,
      0,
      {},
      {},
      "–"},
     [](DeploymentDraft& d) -> Ref { return &d.use; }},
    {{"priority", Kind::count, "For the strategy `priority`: the lowest number goes first.", 0, 1'000},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.priority; }},
    {{"weight", Kind::count, "Its share of the work; 0 = only when nothing else is usable.", 0, 1'000},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.weight; }},
    {{"tags", Kind::texts,
      "Requests that ask for tags (`x-patchbay-tags: eu`) go to deployments that have them."},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.tags; }},
    {{"limits.requests_per_minute", Kind::count, "What may be sent there; 0 = any number.", 0, kMany},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.limits.requests_per_minute; }},
    {{"limits.requests_per_day", Kind::count, "The same within a day (UTC).", 0, kMany},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.limits.requests_per_day; }},
    {{"limits.tokens_per_minute", Kind::count, "Tokens of prompts and answers; 0 = any number.", 0, kMany},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.limits.tokens_per_minute; }},
    {{"limits.tokens_per_day", Kind::count, "The same within a day (UTC).", 0, kMany},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.limits.tokens_per_day; }},
    {{"limits.concurrency", Kind::count, "Requests at a time; 0 = any number.", 0, 1'000'000},
     [](DeploymentDraft& d) -> Ref { return &d.deployment.limits.concurrency; }},
};

const Row<RuleDraft> kRule[] = {
    {{"name", Kind::text, "For logs and explanations.", 0, 0, {}, {}, "its number"},
     [](RuleDraft& d) -> Ref { return &d.rule.name; }},
    {{"use",
      Kind::text,
      "Where it leads: a route, a name of `models` or `provider/model`. Required.",
      0,
      0,
      {},
      {},
      "–"},
     [](RuleDraft& d) -> Ref { return &d.rule.use; }},
    {{"when.model", Kind::text, "The model asked for; a `*` at the end is any rest."},
     [](RuleDraft& d) -> Ref { return &d.rule.model; }},
    {{"when.path", Kind::text, "The path of the endpoint (`/v1/messages`); a `*` at the end is any rest."},
     [](RuleDraft& d) -> Ref { return &d.rule.path; }},
    {{"when.header", Kind::headers, "Headers and their values; an empty value: the header is there."},
     [](RuleDraft& d) -> Ref { return &d.rule.headers; }},
    {{"when.key", Kind::text, "The name of the client's key."},
     [](RuleDraft& d) -> Ref { return &d.rule.key; }},
    {{"when.team", Kind::text, "The team of the client's key."},
     [](RuleDraft& d) -> Ref { return &d.rule.team; }},
    {{"when.tag", Kind::text, "A tag that is asked for (`x-patchbay-tags`)."},
     [](RuleDraft& d) -> Ref { return &d.rule.tag; }},
    {{"when.tokens_over", Kind::count, "The prompt has more tokens than this, as estimated; 0 = any number.",
      0, kMany},
     [](RuleDraft& d) -> Ref { return &d.rule.tokens_over; }},
    {{"when.tokens_under", Kind::count,
      "The prompt has fewer tokens than this, as estimated; 0 = any number.", 0, kMany},
     [](RuleDraft& d) -> Ref { return &d.rule.tokens_under; }},
    {{"when.thinking", Kind::flag, "The request wants the model to think (or reason); `false` = any."},
     [](RuleDraft& d) -> Ref { return &d.rule.thinking; }},
    {{"when.images", Kind::flag, "There are pictures in the conversation; `false` = any."},
     [](RuleDraft& d) -> Ref { return &d.rule.images; }},
    {{"when.tool", Kind::text,
      "Name or type of a tool that the request offers (`web_search*`); a `*` at the end is any rest."},
     [](RuleDraft& d) -> Ref { return &d.rule.tool; }},
    {{"when.time", Kind::text,
      "Of the day, by this machine's clock: `\"09:00-17:00\"`, or over midnight `\"22:00-06:00\"`, which "
      "belongs to the "
      "day on which it begins."},
     [](RuleDraft& d) -> Ref { return &d.time; }},
    {{"when.days", Kind::texts, "Days of the week: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`."},
     [](RuleDraft& d) -> Ref { return &d.days; }},
};

}  // namespace

std::vector<Bound> bind_resilience(Config& config) { return bind_rows(kResilience, config); }
std::vector<Bound> bind(RouteDraft& draft) { return bind_rows(kRoute, draft); }
std::vector<Bound> bind(DeploymentDraft& draft) { return bind_rows(kDeployment, draft); }
std::vector<Bound> bind(RuleDraft& draft) { return bind_rows(kRule, draft); }

}  // namespace pb::config
