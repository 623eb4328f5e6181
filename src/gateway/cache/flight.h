// Equal requests under way: the first one is sent, the others wait for its answer. Decisions only: who waits does so in a coroutine
// (visit.cpp), with the clock there.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/cache/memory.h"

namespace pb::gateway::cache {

struct Landing {
  enum class How : std::uint8_t {
    answered,  // `entry`
    failed,    // each goes its own way
    leads,     // who led has gone away: this one takes its place, and the rest go on waiting
  };
  How how = How::failed;
  EntryPtr entry;
};

class Flights;

// One request's place. Gives it up when destroyed: a leader's without land() or fail() goes to the next who waits.
class Ticket {
 public:
  Ticket() = default;  // of a request that neither leads nor waits
  Ticket(Ticket&& other) noexcept { *this = std::move(other); }
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket() { give_up(); }

  bool leads() const { return role_ == Role::leader; }
  bool waits() const { return role_ == Role::waiter; }

  // A waiter's: `wake` is called once, from any thread, when there is a landing; at once if there is one already.
  void on_landing(std::function<void()> wake);
  // What has become of it; from then on it does not wait any more. nullopt: nothing yet.
  std::optional<Landing> landing();

  // A leader's.
  void land(EntryPtr entry);
  void fail();
  void give_up();

 private:
  friend class Flights;
  enum class Role : std::uint8_t { none, leader, waiter };
  struct Waiter {
    std::function<void()> wake;
    std::optional<Landing> landing;
  };
  Flights* flights_ = nullptr;
  Key key_;
  std::shared_ptr<Waiter> self_;  // shared with the flight
  Role role_ = Role::none;
};

// Shared by all cores; outlives all tickets.
class Flights {
 public:
  // Leads when nobody asks the same at present; neither leads nor waits when waiters_max wait already.
  Ticket join(const Key& key, std::size_t waiters_max);
  std::size_t waiting(const Key& key);  // for tests

 private:
  friend class Ticket;
  using Waiters = std::vector<std::shared_ptr<Ticket::Waiter>>;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<Key, Waiters, KeyHash> flights;  // those who wait, in the order they came
  };
  Shard& shard(const Key& key) { return shards_[key.words[0] % shards_.size()]; }
  void end(const Key& key, const Landing& landing);
  void hand_over(const Key& key);
  std::array<Shard, 16> shards_;
};

}  // namespace pb::gateway::cache
