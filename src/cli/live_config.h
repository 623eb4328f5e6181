// The configuration while the program runs: read again when its file changes or when asked to, swapped whole or refused whole.
#pragma once
#include <condition_variable>
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
#include "config/overlay.h"
#include "gateway/snapshot.h"
#include "mcp/hub.h"
#include "sim/sim.h"
#include "tools/configure/editor.h"

namespace pb::cli {

struct LiveConfigOptions {
  config::LoadOptions load;        // as at the start: the profile and the overlay's file stay what they were
  std::vector<std::string> files;  // Loaded::files
  int poll_ms = 500;               // how often they are looked at; 0 = never
  bool probe = true;               // look which local providers run
};

// Which of the options that differ are only looked at when the program starts: "server.listen, ledger"; "" = none.
std::string needs_restart(const config::Config& now, const config::Config& next);

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
  // Waits until it has been read again; the state then says whether it was taken. Any thread that may wait.
  api::ConfigState reload_now();
  api::ConfigState state() const;
  // Changes the overlay, and has the cores on the new configuration before it returns. Blocks: not for an event loop; any
  // other thread.
  config::OverlayOutcome edit(const config::OverlayEdit& edit);
  config::OverlayShown overlay(bool json) const;  // what is set; blocks too

 private:
  struct Stamp {  // tells one version of the file from another
    std::int64_t time_ns = 0;
    std::uintmax_t size = 0, inode = 0;
    bool there = false;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::vector<Stamp>;  // of the files, in their order
  Stamps stamps() const;
  void run();
  void read();  // one thread at a time
  void refuse(const std::vector<config::Mistake>& mistakes);
  void refuse(std::string reason);
  config::Environment environment() const;

  LiveConfigOptions options_;
  Snapshots running_;
  metrics::Shard& shard_;
  Make make_;
  Apply apply_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, done_;
  bool stopping_ = false;
  std::uint64_t asked_ = 0, answered_ = 0;  // reloads
  api::ConfigState state_;
  Stamps read_stamps_;
  std::mutex reading_;  // of read(): taken before mutex_
  std::thread thread_;
};

// What a configuration becomes: with the simulator where it needs one, and its log in force. `simulator` outlives it.
LiveConfig::Make snapshots_with(std::unique_ptr<sim::Simulator>& simulator,
                                const std::shared_ptr<route::Board>& board);
// Tells the clients of MCP what is another than in `told`, which becomes `next`.
void tell_changes(mcp::Hub& hub, LiveConfig::Snapshots& told, const LiveConfig::Snapshots& next);
// For tools; as long as `live` is there.
tools::ConfigEditor config_editor(LiveConfig& live);

}  // namespace pb::cli
