#include "cli/keys_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "api/admin/key_json.h"
#include "base/json.h"
#include "base/strings.h"
#include "cli/text.h"
#include "route/names.h"
#include "store/key_changes.h"

namespace pb::cli {
namespace {

using store::VirtualKey;

std::string dollars(double amount) {
  char text[64];
  std::snprintf(text, sizeof text, "$%.*f",
                amount == static_cast<double>(static_cast<long long>(amount)) ? 0 : 4, amount);
  return text;
}

std::string budget_text(const route::Budget& budget) {
  if (budget.amount <= 0) return "-";
  std::string out = dollars(budget.amount);
  return out + (budget.per == route::Period::total
                    ? " in all"
                    : "/" + std::string(name_in(route::kPeriodNames, budget.per)));
}

struct Rate {
  std::string_view name, unit;
  std::int64_t value;
};
std::array<Rate, 5> rates_of(const VirtualKey& key) {
  const route::RateLimits& r = key.limits.rates;
  return {{{"requests_per_minute", " rpm", r.requests_per_minute},
           {"tokens_per_minute", " tpm", r.tokens_per_minute},
           {"requests_per_day", " rpd", r.requests_per_day},
           {"tokens_per_day", " tpd", r.tokens_per_day},
           {"concurrency", " at a time", r.concurrency}}};
}

std::string limits_text(const VirtualKey& key) {
  std::string out;
  for (const Rate& rate : rates_of(key))
    if (rate.value > 0)
      out += (out.empty() ? "" : ", ") + std::to_string(rate.value) + std::string(rate.unit);
  return out.empty() ? "-" : out;
}

Result<void> note(std::string_view text, VirtualKey& key) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0)
    return fail(Code::invalid_request, "--metadata is written NAME=VALUE, not `" + std::string(text) + "`");
  const std::string name(text.substr(0, equals));
  std::erase_if(key.metadata, [&](const auto& m) { return m.first == name; });
  if (equals + 1 < text.size()) key.metadata.emplace_back(name, text.substr(equals + 1));
  return {};
}

}  // namespace

Result<void> apply(const KeyChanges& c, std::int64_t now_ms, VirtualKey& key) {
  if (c.team) key.team = *c.team;
  if (c.models) key.models = items_of(*c.models);
  if (c.tools) key.tools = items_of(*c.tools);
  route::RateLimits& rates = key.limits.rates;
  rates.requests_per_minute = c.requests_per_minute.value_or(rates.requests_per_minute);
  rates.tokens_per_minute = c.tokens_per_minute.value_or(rates.tokens_per_minute);
  rates.requests_per_day = c.requests_per_day.value_or(rates.requests_per_day);
  rates.tokens_per_day = c.tokens_per_day.value_or(rates.tokens_per_day);
  rates.concurrency = c.concurrency.value_or(rates.concurrency);
  route::Budget& budget = key.limits.budget;
  budget.amount = c.budget.value_or(budget.amount);
  if (c.per) {
    if (budget.amount <= 0)
      return fail(Code::invalid_request, "--per is the period of a budget: give --budget too");
    budget.per = value_named<route::Period>(route::kPeriodNames, *c.per).value_or(budget.per);
  }
  if (c.expires) {
    TRY_ASSIGN(key.expires_ms, parse_expiry(*c.expires, now_ms));
  }
  for (const std::string& text : c.metadata) TRY(note(text, key));
  return {};
}

std::string keys_table(const std::vector<VirtualKey>& keys, std::int64_t now_ms) {
  std::vector<std::vector<std::string>> rows = {
      {"name", "key", "state", "team", "models", "limits", "budget", "expires", "last used"}};
  for (const VirtualKey& key : keys)
    rows.push_back({key.name, key.prefix, std::string(store::state_of(key, now_ms)),
                    key.team.empty() ? "-" : key.team, joined(key.models, ",", "all"), limits_text(key),
                    budget_text(key.limits.budget), time_or(key.expires_ms, "-"),
                    time_or(key.last_used_ms, "-")});
  return columns(rows);
}

std::string key_text(const VirtualKey& key, std::int64_t now_ms) {
  const std::pair<const char*, std::string> lines[] = {
      {"name", key.name},
      {"id", key.id},
      {"key", key.prefix},
      {"state", std::string(store::state_of(key, now_ms))},
      {"team", key.team.empty() ? "-" : key.team},
      {"models", joined(key.models, ",", "all")},
      {"tools", joined(key.tools, ",", "all")},
      {"limits", limits_text(key)},
      {"budget", budget_text(key.limits.budget)},
      {"created", time_or(key.created_ms, "-")},
      {"expires", time_or(key.expires_ms, "-")},
      {"revoked", time_or(key.revoked_ms, "-")},
      {"last used", time_or(key.last_used_ms, "-")},
      {"old secret until", time_or(key.old_until_ms > now_ms ? key.old_until_ms : 0, "-")},
  };
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    out.append(name).append(18 - std::min<std::size_t>(name.size(), 17), ' ').append(value).append("\n");
  };
  for (const auto& [name, value] : lines) line(name, value);
  for (const auto& [name, value] : key.metadata) line("metadata", name + "=" + value);
  return out;
}

std::string key_json(const VirtualKey& key, std::int64_t now_ms, std::string_view secret) {
  std::string out;
  json::Writer w(out);
  api::admin::write_key(w, key, now_ms, secret);
  return out + "\n";
}

std::string keys_json(const std::vector<VirtualKey>& keys, std::int64_t now_ms) {
  std::string out;
  json::Writer w(out);
  w.begin_array();
  for (const VirtualKey& key : keys) api::admin::write_key(w, key, now_ms, {});
  w.end_array();
  return out + "\n";
}

}  // namespace pb::cli
