#include "gateway/key_ring.h"

#include <algorithm>

#include "base/log.h"
#include "gateway/present.h"

namespace pb::gateway {
void KeyRing::configure(const config::Config& config) {
  const std::scoped_lock work(work_);
  alerts.configure(config.alerts.shares(), !config.alerts.webhook.empty());
  defaults_ = config.limits.limits();
  teams_.clear();
  for (const auto& [name, team] : config.teams) teams_.emplace(name, team);
  std::map<std::string, std::shared_ptr<route::Limiter>, std::less<>> limited;
  for (const config::Provider& p : config.providers) {
    const route::Limits limits = p.limits.limits();
    if (limits.empty()) continue;
    std::shared_ptr<route::Limiter> limiter;
    {
      const std::scoped_lock lock(mutex_);
      limiter = providers_[p.name];
    }
    if (limiter == nullptr) {
      limiter = std::make_shared<route::Limiter>(route::Subject::provider, p.name);
      if (const route::Spent* s = spent("provider", p.name)) limiter->start(*s, present());
      const std::scoped_lock lock(mutex_);
      providers_[p.name] = limiter;
    }
    limiter->set(limits);
    limited.emplace(p.name, limiter);
  }
  weighs_ = std::ranges::any_of(limited, [](const auto& l) { return l.second->weighs(); });
  {
    const std::scoped_lock lock(mutex_);
    limited_ = std::move(limited);
  }
  load(true);
}

void KeyRing::refresh() {
  const std::scoped_lock work(work_);
  load(false);
  constexpr int kTimesEvery = 10;
  if (++refreshes_ % kTimesEvery == 0) use_times();
}

void KeyRing::close() {
  const std::scoped_lock work(work_);
  use_times();
}

void KeyRing::reload() {
  const std::scoped_lock work(work_);
  load(true);
}

void KeyRing::load(bool always) {
  if (store_.exists()) any_ = true;
  const auto version = store_.version();
  if (version && *version == version_ && !always) return;
  auto rows = version ? store_.all() : std::unexpected(version.error());
  if (!rows) {
    if (!failed_)  // once; what was read before stays in force
      log::error(log::Module::store, "the keys cannot be read", {{"what", rows.error().message}});
    failed_ = true;
    return;
  }
  failed_ = false;
  version_ = *version;
  rows_ = std::move(*rows);
  build();
}

// What was spent before there was a limiter. Read once for all limiters that a build makes.
const route::Spent* KeyRing::spent(const char* scope, const std::string& name) {
  if (!read_) {
    auto all = spending_ ? spending_() : std::vector<store::Spending>();
    if (!all)
      log::error(log::Module::store, "what was spent cannot be read: budgets begin at nothing",
                 {{"what", all.error().message}});
    read_ = all ? std::move(*all) : std::vector<store::Spending>();
    known_.clear();
    for (const store::Spending& s : *read_)
      known_.emplace(std::pair(std::string_view(s.scope), std::string_view(s.name)), &s.spent);
  }
  const auto found = known_.find({scope, name});
  return found == known_.end() ? nullptr : found->second;
}

template <class Use>
std::shared_ptr<Use> KeyRing::use_of(std::map<std::string, std::shared_ptr<Use>, std::less<>>& all,
                                     const std::string& name, const char* scope) {
  std::shared_ptr<Use>& use = all[name];
  if (use != nullptr) return use;
  use = std::make_shared<Use>(name);
  if (const route::Spent* s = spent(scope, name)) use->limiter.start(*s, present());
  return use;
}

std::shared_ptr<TeamUse> KeyRing::team_of(const std::string& name, std::vector<std::string>& models) {
  if (name.empty()) return nullptr;
  const auto team = teams_.find(name);
  const bool known = team != teams_.end();
  if (known) models = team->second.models;
  return use_of(team_uses_, name, "team");
}

void KeyRing::build() {
  for (const auto& [name, team] : teams_) use_of(team_uses_, name, "team")->limiter.set(team.limits.limits());
  for (auto& [name, use] : team_uses_)
    if (!teams_.contains(name)) use->limiter.set({});
  std::vector<KeyEntry> entries;
  entries.reserve(rows_.size());
  for (const store::VirtualKey& row : rows_) {
    KeyEntry e;
    e.key = row;
    e.use = use_of(key_uses_, row.name, "key");
    e.use->limiter.set(row.limits.or_else(defaults_));
    e.team = team_of(row.team, e.team_models);
    entries.push_back(std::move(e));
  }
  std::map<std::string, std::shared_ptr<const KeyTable>, std::less<>> team_tables;
  for (const auto& [name, team] : teams_) {
    KeyEntry e;
    e.key.team = name;
    e.use = std::make_shared<KeyUse>("team:" + name);  // no key's name has a colon
    e.team = team_of(name, e.team_models);
    team_tables.emplace(name, std::make_shared<const KeyTable>(std::vector<KeyEntry>{std::move(e)}));
  }
  read_.reset();
  known_.clear();
  auto table = std::make_shared<const KeyTable>(std::move(entries));
  log::debug(log::Module::store, "keys read", {{"keys", static_cast<unsigned long>(rows_.size())}});
  std::vector<std::shared_ptr<TeamUse>> teams;
  for (const auto& [name, use] : team_uses_) teams.push_back(use);
  const std::scoped_lock lock(mutex_);
  table_ = std::move(table);
  teams_shown_ = std::move(teams);
  team_tables_ = std::move(team_tables);
}

void KeyRing::use_times() {
  std::vector<std::pair<std::string, std::int64_t>> used;
  for (const KeyEntry& e : table()->entries()) {
    const std::int64_t at = e.use->used_ms.load(std::memory_order_relaxed);
    if (at == e.use->written_ms) continue;
    e.use->written_ms = at;
    used.emplace_back(e.key.id, at);
  }
  if (auto done = store_.touch(used); !done)
    log::debug(log::Module::store, "when keys were last used could not be written",
               {{"what", done.error().message}});
}

std::shared_ptr<const KeyTable> KeyRing::table() const {
  const std::scoped_lock lock(mutex_);
  return table_;
}

std::shared_ptr<const KeyTable> KeyRing::team(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = team_tables_.find(name);
  return found == team_tables_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<TeamUse>> KeyRing::teams() const {
  const std::scoped_lock lock(mutex_);
  return teams_shown_;
}

std::vector<std::shared_ptr<route::Limiter>> KeyRing::providers() const {
  std::vector<std::shared_ptr<route::Limiter>> out;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, limiter] : limited_) out.push_back(limiter);
  return out;
}

std::shared_ptr<route::Limiter> KeyRing::provider(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = limited_.find(name);
  return found == limited_.end() ? nullptr : found->second;
}

}  // namespace pb::gateway
