// What all of a server's connections share: sessions, those who want to hear of changes, and counts. One for all cores; any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/limits_mcp.h"
#include "mcp/request_state.h"

namespace pb::mcp {

class Session;
class Stream;
class Tasks;

struct Change {
  enum class What : std::uint8_t { tools, prompts, resources, resource };
  What what;
  std::string uri = {};                             // of a resource
  std::optional<std::string> whose = std::nullopt;  // only callers of that name hear of it; nullopt: all
};
std::string_view notification_of(Change::What what);

// Hears of changes, on whatever thread they happen; must not call the hub.
class Listener {
 public:
  virtual void changed(const Change& change) = 0;
  virtual void closing() = 0;  // the server shuts down

 protected:
  ~Listener() = default;
};

// How much clients may make the server keep.
struct HubLimits {
  std::size_t sessions_max = limits::kMcpSessionsMax;
  int session_idle_ms = limits::kMcpSessionIdleMs;
  int resume_ms = limits::kMcpResumeMs;
  std::size_t calls_max = limits::kMcpAllCallsMax;
  std::size_t tasks_max = limits::kMcpTasksMax;
  int task_ttl_ms = limits::kMcpTaskTtlMs;
};

struct HubDeps {
  StateSeal seal = StateSeal::random();
  std::function<std::int64_t()> now_ms;  // of a clock that goes on steadily
  HubLimits limits = {};
};

class Hub {
 public:
  explicit Hub(HubDeps deps);
  ~Hub();

  // Tells everybody who listens.
  void publish(const Change& change);
  // False: too many listen.
  bool add(Listener& listener);
  void remove(Listener& listener);

  // How many watch a resource: a subscription of a session, or of a stream that listens. watch() and unwatch() go in pairs.
  void watch(std::string_view uri);
  void unwatch(std::string_view uri);
  bool watched(std::string_view uri) const;

  // A new session under an id that nobody can guess. Null: there are too many, and none of them is idle.
  // `one_stream`: as Session has it.
  std::shared_ptr<Session> open_session(const Principal& principal,
                                        std::shared_ptr<Stream> one_stream = nullptr);
  // Null: no such session, or another caller's.
  std::shared_ptr<Session> find_session(std::string_view id, const Principal& principal);
  void close_session(std::string_view id);
  // Ends sessions that are idle for too long, and calls whose client is gone for too long. To be called so often:
  void sweep();
  int sweep_every_ms() const;
  std::size_t sessions() const;
  const HubLimits& limits() const { return deps_.limits; }
  // Streams of events that are open to clients now, counted by who sends them.
  std::atomic<std::size_t> streams = 0;

  // A place for a call; give_back() it. False: too many are under way.
  bool take_call() {
    if (calls_.fetch_add(1, std::memory_order_relaxed) < deps_.limits.calls_max) return true;
    give_back_call();
    return false;
  }
  void give_back_call() { calls_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t calls() const { return calls_.load(std::memory_order_relaxed); }

  // Ends all streams that wait for changes. What comes later is ended at once.
  void close();
  bool closing() const { return closing_.load(); }
  void end_calls();  // ends all sessions, with their calls, and all tasks

  const StateSeal& seal() const { return deps_.seal; }
  std::int64_t now_ms() const { return deps_.now_ms(); }
  Tasks& tasks() { return *tasks_; }

 private:
  HubDeps deps_;
  std::atomic<std::size_t> calls_ = 0;
  std::atomic<bool> closing_ = false;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Session>> sessions_;  // shared with the calls of each
  std::mutex listening_;
  std::unordered_set<Listener*> listeners_;
  mutable std::mutex watching_;
  std::unordered_map<std::string, std::size_t> watched_;  // by URI
  std::unique_ptr<Tasks> tasks_;
};

}  // namespace pb::mcp
