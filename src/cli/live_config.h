// The configuration while the program runs: read again when its file changes or when asked to, swapped whole or refused whole.
#pragma once
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/api.h"
#include "base/metrics.h"
#include "config/load.h"
#include "gateway/snapshot.h"

namespace pb::cli {

struct LiveConfigOptions {
  std::string file;  // "" = none: only the environment, which a running program cannot see change
  std::vector<config::Override> overrides;
  int poll_ms = 500;  // how often the file is looked at
};

class LiveConfig {
 public:
  using Snapshots = std::shared_ptr<const gateway::Snapshot>;
  // From a configuration that is free of mistakes to what the cores take; any thread.
  using Make = std::function<Result<Snapshots>(config::Config config)>;
  // Hands a new one to the cores; any thread.
  using Apply = std::function<void(Snapshots)>;

  // `running`: what was read at the start.
  LiveConfig(LiveConfigOptions options, Snapshots running, metrics::Shard& shard, Make make, Apply apply);
  ~LiveConfig();  // waits for a reload under way
  LiveConfig(const LiveConfig&) = delete;
  LiveConfig& operator=(const LiveConfig&) = delete;

  void reload();  // soon; any thread
  api::ConfigState state() const;

 private:
  struct Stamp {  // tells one version of the file from another
    std::filesystem::file_time_type time{};
    std::uintmax_t size = 0;
    bool there = false;
    bool operator==(const Stamp&) const = default;
  };
  Stamp stamp() const;
  void run();
  void read();
  void refuse(const std::vector<config::Mistake>& mistakes);
  void refuse(std::string reason);

  LiveConfigOptions options_;
  Snapshots running_;
  metrics::Shard& shard_;
  Make make_;
  Apply apply_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false, stopping_ = false;
  api::ConfigState state_;
  Stamp read_stamp_;
  std::thread thread_;
};

}  // namespace pb::cli
