#include "store/key_row.h"

#include "base/json.h"

namespace pb::store {
namespace {

std::string list_text(const std::vector<std::string>& list) {
  return list.empty() ? std::string() : json::strings_to_text(list);
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  json::Arena arena;
  if (const auto parsed = json::parse(text, arena))
    for (const json::Value& item : parsed->items()) out.emplace_back(item.as_string());
  return out;
}

std::string metadata_text(const VirtualKey& key) {
  if (key.metadata.empty()) return {};
  std::string out;
  json::Writer w(out);
  w.begin_object();
  for (const auto& [name, value] : key.metadata) w.field(name, value);
  w.end_object();
  return out;
}

void read_metadata(const std::string& text, VirtualKey& key) {
  if (text.empty()) return;
  json::Arena arena;
  if (const auto parsed = json::parse(text, arena))
    for (const json::Member& m : parsed->members())
      key.metadata.emplace_back(std::string(m.key), std::string(m.value.as_string()));
}

}  // namespace

const std::string_view kKeyColumns =
    "id,name,prefix,digest,old_digest,old_until_ms,team,models,tools,requests_per_minute,tokens_per_minute,"
    "requests_per_day,tokens_per_day,concurrency,budget,budget_per,created_ms,expires_ms,revoked_ms,last_"
    "used_ms,"
    "metadata";

KeyTexts::KeyTexts(const VirtualKey& key)
    : digest(to_hex(key.digest)),
      old_digest(key.old_until_ms == 0 ? "" : to_hex(key.old_digest)),
      models(list_text(key.models)),
      tools(list_text(key.tools)),
      metadata(metadata_text(key)) {}

void bind_key(Statement& s, const VirtualKey& key, const KeyTexts& texts) {
  int at = 0;
  for (const std::string* text : {&key.id, &key.name, &key.prefix, &texts.digest, &texts.old_digest})
    s.bind(at++, std::string_view(*text));
  s.bind(at++, key.old_until_ms);
  for (const std::string* text : {&key.team, &texts.models, &texts.tools})
    s.bind(at++, std::string_view(*text));
  const route::RateLimits& r = key.limits.rates;
  for (const std::int64_t n : {r.requests_per_minute, r.tokens_per_minute, r.requests_per_day,
                               r.tokens_per_day, static_cast<std::int64_t>(r.concurrency)})
    s.bind(at++, n);
  s.bind(at++, key.limits.budget.amount);
  s.bind(at++, static_cast<std::int64_t>(key.limits.budget.per));
  for (const std::int64_t n : {key.created_ms, key.expires_ms, key.revoked_ms, key.last_used_ms})
    s.bind(at++, n);
  s.bind(at++, std::string_view(texts.metadata));
}

VirtualKey read_key(const Statement& s) {
  VirtualKey key;
  int at = 0;
  key.id = s.text(at++);
  key.name = s.text(at++);
  key.prefix = s.text(at++);
  key.digest = digest_of_hex(s.text(at++));
  key.old_digest = digest_of_hex(s.text(at++));
  key.old_until_ms = s.whole(at++);
  key.team = s.text(at++);
  key.models = list_of(s.text(at++));
  key.tools = list_of(s.text(at++));
  route::RateLimits& r = key.limits.rates;
  for (std::int64_t* n :
       {&r.requests_per_minute, &r.tokens_per_minute, &r.requests_per_day, &r.tokens_per_day})
    *n = s.whole(at++);
  r.concurrency = static_cast<int>(s.whole(at++));
  key.limits.budget.amount = s.real(at++);
  const std::int64_t per = s.whole(at++);
  key.limits.budget.per = per >= 0 && per <= 2 ? static_cast<route::Period>(per) : route::Period::total;
  for (std::int64_t* n : {&key.created_ms, &key.expires_ms, &key.revoked_ms, &key.last_used_ms})
    *n = s.whole(at++);
  read_metadata(s.text(at++), key);
  return key;
}

}  // namespace pb::store
