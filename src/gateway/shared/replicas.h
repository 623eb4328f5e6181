// What the replicas of an installation have in common by way of Redis, as far as all cores of this process share it: whether Redis
// can be reached, since when, and how many replicas there are. Any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.h"
#include "net/redis/client.h"
#include "route/sharing.h"

namespace pb::gateway::shared {

struct Options {
  net::redis::ClientOptions redis;
  std::string prefix = "patchbay";
  std::string replica;  // this one's name: the same after a restart, and no other's
  int replicas = 0;     // to be reckoned with while none can be counted; 0 = those seen last
  std::size_t cores = 1;
};
// `config.url` parses; load() has seen to it.
Options options_of(const config::Shared& config, std::string replica, std::size_t cores);

struct State {
  bool up = false;
  std::int64_t since = 0;  // Unix seconds
  int replicas = 1;        // seen last, this one included
  std::string store;       // where Redis is; no password
  std::string what;        // why it is out of reach
};

class Replicas {
 public:
  explicit Replicas(Options options);
  const Options& options() const { return options_; }
  std::string key(std::string_view kind, std::string_view rest = {}) const;  // "patchbay:used:key:alice"
  State state() const;

  // Changes whenever Redis was lost and found; 0 = out of reach.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // The terms while it is out of reach.
  route::Terms alone() const;
  // The process has just begun, and the first connection is being made.
  bool starting() const;
  int outages() const { return outages_.load(std::memory_order_relaxed); }

  // A line's connection has become usable or has broken. All lines have one: `all_ready` is called, on that line's thread.
  void line(bool ready, const std::string& why, bool& before);
  bool all_ready() const { return ready_.load() == static_cast<int>(options_.cores); }
  std::function<void()> on_all_ready;  // set before the lines start

  void lost(const std::string& why);
  void found(int replicas);
  void counted(int replicas);
  // An epoch later than this one: the store knows of it already.
  void epoch_taken(std::uint64_t epoch);

  // Limiters that have used something under shared limits, to be settled when Redis is back.
  void remember(const std::shared_ptr<route::Limiter>& limiter);
  std::vector<std::shared_ptr<route::Limiter>> remembered();

 private:
  const Options options_;
  const std::int64_t began_ms_;
  std::atomic<std::uint64_t> epoch_{0}, last_epoch_{0};
  std::atomic<int> outages_{1}, replicas_{0}, ready_{0};
  mutable std::atomic<std::uint64_t> passing_{0};
  std::atomic<bool> failed_{false};
  std::atomic<std::int64_t> found_ms_{0};
  mutable std::mutex mutex_;  // guards the rest
  bool told_ = false;         // that it is out of reach
  bool ever_ = false;
  std::int64_t since_ = 0;
  std::string what_;
  std::map<const route::Limiter*, std::weak_ptr<route::Limiter>> limiters_;
};

}  // namespace pb::gateway::shared
