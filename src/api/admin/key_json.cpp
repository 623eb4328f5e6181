#include "api/admin/key_json.h"

#include "api/admin/endpoint.h"
#include "base/when.h"
#include "route/names.h"
#include "store/key_changes.h"

namespace pb::api::admin {
namespace {

void seconds_field(json::Writer& w, std::string_view name, std::int64_t ms) {
  w.key(name);
  if (ms == 0) return w.null();
  w.string(time_text(ms));
}

void limits_field(json::Writer& w, const route::RateLimits& r) {
  w.key("limits");
  w.begin_object();
  w.field("requests_per_minute", r.requests_per_minute);
  w.field("tokens_per_minute", r.tokens_per_minute);
  w.field("requests_per_day", r.requests_per_day);
  w.field("tokens_per_day", r.tokens_per_day);
  w.field("concurrency", r.concurrency);
  w.end_object();
}

void budget_field(json::Writer& w, const route::Budget& budget) {
  w.key("budget");
  if (budget.amount <= 0) return w.null();
  w.begin_object();
  w.field("amount", budget.amount);
  w.field("per", name_in(route::kPeriodNames, budget.per));
  w.end_object();
}

}  // namespace

void write_key_members(json::Writer& w, const store::VirtualKey& key, std::int64_t now_ms,
                       std::string_view secret) {
  w.field("id", key.id);
  w.field("name", key.name);
  if (!secret.empty()) w.field("key", secret);
  w.field("prefix", key.prefix);
  w.field("state", store::state_of(key, now_ms));
  w.field("team", key.team);
  w.strings("models", key.models);
  w.strings("tools", key.tools);
  limits_field(w, key.limits.rates);
  budget_field(w, key.limits.budget);
  seconds_field(w, "created", key.created_ms);
  seconds_field(w, "expires", key.expires_ms);
  seconds_field(w, "revoked", key.revoked_ms);
  seconds_field(w, "last_used", key.last_used_ms);
  seconds_field(w, "old_secret_until", key.old_until_ms > now_ms ? key.old_until_ms : 0);
  w.key("metadata");
  w.begin_object();
  for (const auto& [name, value] : key.metadata) w.field(name, value);
  w.end_object();
}

void write_key(json::Writer& w, const store::VirtualKey& key, std::int64_t now_ms, std::string_view secret) {
  w.begin_object();
  write_key_members(w, key, now_ms, secret);
  w.end_object();
}

}  // namespace pb::api::admin
