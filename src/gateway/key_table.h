// The virtual keys in memory: immutable, replaced whole when a key changes. A key is found by its secret's digest.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "route/limiter.h"
#include "store/keys.h"

namespace pb::gateway {

// What a key has used. Shared by all tables in which the key stands, and by its requests under way.
struct KeyUse {
  explicit KeyUse(const std::string& name) : limiter(route::Subject::key, name) {}
  route::Limiter limiter;
  std::atomic<std::int64_t> used_ms{0};  // the last time
  std::int64_t written_ms = 0;           // that time as it was last written down; the ring's
};

struct TeamUse {
  explicit TeamUse(const std::string& name) : limiter(route::Subject::team, name) {}
  route::Limiter limiter;
};

struct KeyEntry {
  store::VirtualKey key;
  std::shared_ptr<KeyUse> use;
  std::shared_ptr<TeamUse> team;         // null = none
  std::vector<std::string> team_models;  // of the configuration: the key's own hold too

  // Whether a model of several names is one of those that the key and its team may use.
  bool allows_model(std::span<const std::string> names) const;
  bool allows_tool(std::string_view name) const;
  bool restricted() const { return !key.models.empty() || !team_models.empty(); }
};

class KeyTable {
 public:
  explicit KeyTable(std::vector<KeyEntry> entries);
  // The key of a secret, whether it may still be used or not; null when there is none. An old secret counts until its time
  // is over.
  const KeyEntry* find(std::string_view secret, std::int64_t now_ms) const;
  const KeyEntry* named(std::string_view name) const;  // null when there is none
  const std::vector<KeyEntry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }

 private:
  struct Slot {
    std::uint32_t entry = 0;  // index + 1; 0 = free
    bool old = false;
  };
  std::size_t place(const Digest& digest) const;
  void put(const Digest& digest, std::uint32_t entry, bool old);

  std::vector<KeyEntry> entries_;
  std::vector<Slot> slots_;             // open addressing, at most half full; a power of two
  std::vector<std::uint32_t> by_name_;  // indexes of entries
};

}  // namespace pb::gateway
