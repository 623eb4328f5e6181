// What several resources have in their answers.
#include <cmath>
#include <cstdio>

#include "api/admin/endpoint.h"
#include "base/when.h"
#include "route/names.h"

namespace pb::api::admin {

void time_field(json::Writer& w, std::string_view name, std::int64_t unix_ms) {
  w.key(name);
  if (unix_ms == 0) return w.null();
  std::string text = time_text(unix_ms);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(unix_ms % 1000));
  text.replace(text.size() - 1, 1, fraction);
  w.string(text);
}

void number_field(json::Writer& w, std::string_view name, double n) {
  w.key(name);
  if (n < 0) return w.null();
  w.real(std::round(n * 1000) / 1000);
}

void write_allowance(json::Writer& w, const gateway::Allowance& a) {
  constexpr std::string_view kLimits[] = {"requests_per_minute", "tokens_per_minute", "requests_per_day",
                                          "tokens_per_day",      "concurrency",       "budget"};
  w.begin_object();
  w.field("subject", to_string(a.subject));
  w.field("name", a.name);
  w.field("team", a.team);
  number_field(w, "used", a.used);
  w.field("in_flight", a.in_flight);
  w.field("requests_today", a.requests_today);
  w.field("tokens_today", a.tokens_today);
  w.field("spent", a.spent);
  w.key("limits");
  w.begin_array();
  for (const gateway::LimitUse& use : a.limits) {
    w.begin_object();
    w.field("limit", kLimits[static_cast<std::size_t>(use.limit)]);
    w.field("most", use.most);
    w.field("left", use.left);
    w.key("resets_in_ms");
    if (use.reset_ms < 0)
      w.null();
    else
      w.integer(use.reset_ms);
    w.key("per");
    if (use.limit == route::Limit::budget)
      w.string(name_in(route::kPeriodNames, a.per));
    else
      w.null();
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_config_state(json::Writer& w, const ConfigState& state) {
  w.field("source", state.source);
  w.field("generation", state.generation);
  time_field(w, "loaded", state.loaded_at * 1000);
  w.field_or_null("refused", state.refused);
}

}  // namespace pb::api::admin
