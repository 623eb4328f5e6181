// Where kept answers are: in memory, or in a store that several processes share. One contract test runs against all of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/task.h"
#include "gateway/cache/entry.h"

namespace pb::gateway::cache {

// What to forget: all entries for which everything that is given holds. Nothing given: all.
struct Filter {
  std::string space;     // Entry::space
  std::string model;     // the model as asked for, as the provider knows it, or "provider/model"
  std::string route;     // Entry::route
  std::string provider;  // Entry::provider
  bool matches(const Entry& entry) const;
};

struct Stats {
  std::uint64_t entries = 0, bytes = 0;
  std::uint64_t evicted = 0;  // since the start, to make room
};

// Any thread may call it, unless an implementation says that there is one of it for each core. An entry that is too old is not
// there. Trouble with a store is a miss to who asks; the implementation logs it and bounds every wait.
class Backend {
 public:
  virtual ~Backend() = default;

  // True: keys have to be the same in every process (Hashing::portable in key.h).
  virtual bool portable_keys() const { return false; }

  // A store in memory answers here, without a coroutine: the entry, or null. nullopt: get() has to be asked.
  virtual std::optional<EntryPtr> get_now(const Key&, std::int64_t /*unix_ms*/) { return std::nullopt; }
  virtual Task<EntryPtr> get(Key key, std::int64_t unix_ms) = 0;  // null: not there

  // Takes the place of an entry of the same key. False: put() has to be asked. An entry that is too large is not kept.
  virtual bool put_now(const Key&, const EntryPtr&) { return false; }
  virtual Task<void> put(Key key, EntryPtr entry) = 0;  // until entry->until_ms

  virtual Task<Result<std::uint64_t>> purge(Filter filter) = 0;  // how many were forgotten
  virtual Stats stats() const = 0;                               // zeros where they are not known at once
};

}  // namespace pb::gateway::cache
