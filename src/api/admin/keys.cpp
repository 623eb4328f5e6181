// Virtual keys: what `patchbay keys` does, and what they have used.
#include <algorithm>

#include "api/admin/endpoint.h"
#include "api/admin/key_json.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/when.h"
#include "config/teams.h"
#include "store/key_changes.h"

namespace pb::api::admin {
namespace {

using gateway::KeyEntry;
using gateway::KeyRing;
using store::VirtualKey;

// Copied out of the request, whose body is gone when the work is done elsewhere.
struct Changes {
  std::optional<std::string> team, expires;
  std::optional<std::vector<std::string>> models, tools;
  std::optional<std::int64_t> requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day,
      concurrency;
  bool budget_given = false;
  route::Budget budget;
  std::vector<std::pair<std::string, std::optional<std::string>>> metadata;
};

std::optional<std::vector<std::string>> texts_of(json::Value list) {
  if (list.is_null()) return std::nullopt;
  std::vector<std::string> out;
  for (const json::Value& item : list.items()) out.emplace_back(item.as_string());
  return out;
}

// `body` fits the schema.
Changes changes_of(json::Value body) {
  Changes c;
  if (body.has("team")) c.team = body["team"].as_string();
  if (body.has("expires")) c.expires = body["expires"].as_string("never");
  c.models = texts_of(body["models"]);
  c.tools = texts_of(body["tools"]);
  const json::Value limits = body["limits"];
  for (const auto& [name, to] :
       {std::pair("requests_per_minute", &c.requests_per_minute),
        std::pair("tokens_per_minute", &c.tokens_per_minute),
        std::pair("requests_per_day", &c.requests_per_day), std::pair("tokens_per_day", &c.tokens_per_day),
        std::pair("concurrency", &c.concurrency)})
    if (limits.has(name)) *to = limits[name].as_int();
  c.budget_given = body.has("budget");
  const json::Value budget = body["budget"];
  const std::string_view per = budget["per"].as_string("month");
  c.budget = {budget["amount"].as_double(), per == "day"     ? route::Period::day
                                            : per == "total" ? route::Period::total
                                                             : route::Period::month};
  for (const json::Member& m : body["metadata"].members())
    c.metadata.emplace_back(
        m.key, m.value.is_null() ? std::nullopt : std::optional<std::string>(m.value.as_string()));
  return c;
}

Result<void> apply(const Changes& c, std::int64_t now_ms, VirtualKey& key) {
  if (c.team) key.team = *c.team;
  if (c.models) key.models = *c.models;
  if (c.tools) key.tools = *c.tools;
  route::RateLimits& rates = key.limits.rates;
  rates.requests_per_minute = c.requests_per_minute.value_or(rates.requests_per_minute);
  rates.tokens_per_minute = c.tokens_per_minute.value_or(rates.tokens_per_minute);
  rates.requests_per_day = c.requests_per_day.value_or(rates.requests_per_day);
  rates.tokens_per_day = c.tokens_per_day.value_or(rates.tokens_per_day);
  rates.concurrency = static_cast<int>(c.concurrency.value_or(rates.concurrency));
  if (c.budget_given) key.limits.budget = c.budget;
  if (c.expires) {
    auto at = parse_expiry(*c.expires, now_ms);
    if (!at) return fail(Code::invalid_request, "expires: " + at.error().message, "expires");
    key.expires_ms = *at;
  }
  for (const auto& [name, value] : c.metadata) {
    std::erase_if(key.metadata, [&](const auto& m) { return m.first == name; });
    if (value) key.metadata.emplace_back(name, *value);
  }
  return {};
}

Result<void> check_team(const Call& c) {
  if (c.flag("force")) return {};
  const std::string fault =
      config::team_fault(c.deps.gateway.snapshot().config(), c.body["team"].as_string());
  if (fault.empty()) return {};
  return fail(Code::invalid_request,
              "team: " + fault + ", or give ?force=true: then it is a name in the ledger without limits",
              "team");
}

Result<KeyRing*> ring_of(const Call& c) {
  if (c.deps.keys == nullptr) return fail(Code::not_found, "there are no virtual keys here");
  return c.deps.keys;
}

// With what it has used, where this process keeps count of it.
void write(json::Writer& w, const VirtualKey& key, const KeyEntry* entry, route::Moment now,
           std::string_view secret = {}) {
  VirtualKey shown = key;
  if (entry != nullptr) shown.last_used_ms = std::max(shown.last_used_ms, entry->use->used_ms.load());
  w.begin_object();
  write_key_members(w, shown, now.unix_ms, secret);
  w.key("use");
  if (entry == nullptr) {
    w.null();
  } else {
    gateway::Allowance a = gateway::allowance(entry->use->limiter, now);
    a.team = key.team;
    write_allowance(w, a);
  }
  w.end_object();
}

const KeyEntry* find(const gateway::KeyTable& table, std::string_view name) {
  const auto& all = table.entries();
  const auto found =
      std::ranges::find_if(all, [&](const KeyEntry& e) { return e.key.name == name || e.key.id == name; });
  return found == all.end() ? nullptr : &*found;
}

// After a change: the ring takes it at once.
Answer answer_with(KeyRing& ring, const VirtualKey& key, int status, std::string_view secret = {}) {
  ring.reload();
  const auto table = ring.table();
  std::string out;
  json::Writer w(out);
  write(w, key, find(*table, key.name), gateway::present(), secret);
  return {status, std::move(out)};
}

void tell(const char* what, const VirtualKey& key) { log::info(log::Module::api, what, {{"key", key.name}}); }

}  // namespace

Task<Result<Answer>> list_keys(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  const bool revoked = c.flag("revoked");
  auto work = [ring, revoked, team = c.parameter("team"), page = page_of(c)]() -> Result<Answer> {
    ring->refresh();
    const auto table = ring->table();
    const route::Moment now = gateway::present();
    std::vector<const KeyEntry*> shown;  // sorted by name as the table is
    for (const KeyEntry& e : table->entries())
      if ((revoked || e.key.revoked_ms == 0) && (team.empty() || e.key.team == team)) shown.push_back(&e);
    return Answer{200, list_json(
                           shown, page, [](const KeyEntry* e) { return e->key.name; },
                           [&](json::Writer& w, const KeyEntry* e) { write(w, e->key, e, now); })};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> show_key(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  auto work = [ring, name = c.id]() -> Result<Answer> {
    TRY_ASSIGN(const VirtualKey key, ring->store().find(name));
    ring->refresh();
    const auto table = ring->table();
    std::string out;
    json::Writer w(out);
    write(w, key, find(*table, key.name), gateway::present());
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> create_key(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  CO_TRY(check_team(c));
  auto work = [ring, name = std::string(c.body["name"].as_string()),
               changes = changes_of(c.body)]() -> Result<Answer> {
    const std::int64_t now = unix_ms();
    TRY_ASSIGN(const auto made, store::create_key(ring->store(), name, now,
                                                  [&](VirtualKey& key) { return apply(changes, now, key); }));
    tell("key made", made.key);
    return answer_with(*ring, made.key, 201, made.secret);
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> update_key(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  CO_TRY(check_team(c));
  auto work = [ring, name = c.id, changes = changes_of(c.body)]() -> Result<Answer> {
    TRY_ASSIGN(const VirtualKey key, store::change_key(ring->store(), name, [&](VirtualKey& k) {
                 return apply(changes, unix_ms(), k);
               }));
    tell("key changed", key);
    return answer_with(*ring, key, 200);
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> rotate_key(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  std::int64_t grace_ms = 0;
  if (const json::Value grace = c.body["grace"]; !grace.is_null()) {
    auto span = parse_span(grace.as_string());
    if (!span) co_return fail(Code::invalid_request, "grace: " + span.error().message, "grace");
    grace_ms = *span;
  }
  auto work = [ring, name = c.id, grace_ms]() -> Result<Answer> {
    TRY_ASSIGN(const auto made, store::rotate_key(ring->store(), name, unix_ms(), grace_ms));
    tell("key rotated", made.key);
    return answer_with(*ring, made.key, 200, made.secret);
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> revoke_key(Call& c) {
  CO_TRY_ASSIGN(KeyRing* const ring, ring_of(c));
  auto work = [ring, name = c.id]() -> Result<Answer> {
    TRY_ASSIGN(const VirtualKey key, store::revoke_key(ring->store(), name, unix_ms()));
    tell("key revoked", key);
    return answer_with(*ring, key, 200);
  };
  co_return co_await wait_for(c, std::move(work));
}

}  // namespace pb::api::admin
