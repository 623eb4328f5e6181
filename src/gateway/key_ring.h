// The keys, teams and providers that have limits, while the program runs. Shared by all cores; any thread.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gateway/alerts.h"
#include "gateway/key_table.h"
#include "store/spending.h"

namespace pb::gateway {

class KeyRing {
 public:
  // What keys, teams and providers have spent so far, read when limits for them begin to be kept.
  using ReadSpending = std::function<Result<std::vector<store::Spending>>()>;
  KeyRing(store::KeyStore& store, ReadSpending spending) : store_(store), spending_(std::move(spending)) {}

  // Takes over a configuration: limits of teams and providers, and of keys without their own. Waits for the disk, so event
  // loops do not call it.
  void configure(const config::Config& config);
  // Reads the keys again if another process has changed them, and writes when they were last used. Waits for the disk.
  void refresh();
  // Reads them whether or not they seem to have changed.
  void reload();
  // Writes when keys were last used, at the end.
  void close();

  std::shared_ptr<const KeyTable> table() const;
  // A table with one entry, what those may who have no key but are of that team; null: the configuration has no such team.
  std::shared_ptr<const KeyTable> team(std::string_view name) const;
  // Null for a provider that has no limits.
  std::shared_ptr<route::Limiter> provider(std::string_view name) const;
  // Some provider has a limit of tokens or money.
  bool weighs() const { return weighs_.load(std::memory_order_relaxed); }
  // The file of keys is there, so it is worth the while to refresh(). Cheap: a system call.
  bool worth_reading() const { return store_.exists(); }
  // A key has been made, even if it cannot be read.
  bool any() const { return any_.load(std::memory_order_relaxed); }
  BudgetAlerts alerts;

  // For people. All teams that are configured or that keys have, and all providers with limits.
  std::vector<std::shared_ptr<TeamUse>> teams() const;
  std::vector<std::shared_ptr<route::Limiter>> providers() const;
  store::KeyStore& store() { return store_; }

 private:
  using Known = std::map<std::pair<std::string_view, std::string_view>, const route::Spent*>;
  void load(bool always);
  void build();
  void use_times();
  std::shared_ptr<TeamUse> team_of(const std::string& name, std::vector<std::string>& models);
  template <class Use>
  std::shared_ptr<Use> use_of(std::map<std::string, std::shared_ptr<Use>, std::less<>>& all,
                              const std::string& name, const char* scope);
  const route::Spent* spent(const char* scope, const std::string& name);

  store::KeyStore& store_;
  const ReadSpending spending_;
  std::atomic<bool> any_{false}, weighs_{false};

  std::mutex work_;  // one refresh() or configure() at a time; guards what follows, up to the blank line
  std::vector<store::VirtualKey> rows_;
  std::int64_t version_ = 0;
  bool failed_ = false;
  route::Limits defaults_;
  std::map<std::string, config::Team, std::less<>> teams_;
  std::map<std::string, std::shared_ptr<KeyUse>, std::less<>> key_uses_;
  std::map<std::string, std::shared_ptr<TeamUse>, std::less<>> team_uses_;
  std::optional<std::vector<store::Spending>> read_;  // within one build
  Known known_;
  int refreshes_ = 0;

  mutable std::mutex mutex_;  // guards the rest, for as long as a pointer is copied
  std::shared_ptr<const KeyTable> table_ = std::make_shared<const KeyTable>(std::vector<KeyEntry>());
  std::vector<std::shared_ptr<TeamUse>> teams_shown_;
  std::map<std::string, std::shared_ptr<const KeyTable>, std::less<>> team_tables_;
  std::map<std::string, std::shared_ptr<route::Limiter>, std::less<>> providers_;
  std::map<std::string, std::shared_ptr<route::Limiter>, std::less<>>
      limited_;  // those of providers_ with limits
};

}  // namespace pb::gateway
