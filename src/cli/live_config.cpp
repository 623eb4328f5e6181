#include "cli/live_config.h"

#include <chrono>
#include <ctime>

#include "base/log.h"

namespace pb::cli {
namespace {

constexpr metrics::Family kReloads{"patchbay_config_reloads_total",
                                   "Configurations read while running, by whether they were taken.",
                                   metrics::Type::counter};

// Options that are only looked at when the program starts.
std::string needs_restart(const config::Config& now, const config::Config& next) {
  std::string out;
  auto differs = [&](bool changed, std::string_view name) {
    if (changed) out.append(out.empty() ? "" : ", ").append(name);
  };
  const config::Server &a = now.server, &b = next.server;
  differs(a.listen != b.listen, "server.listen");
  differs(a.threads != b.threads, "server.threads");
  differs(a.data_dir != b.data_dir, "server.data_dir");
  differs(a.body_bytes_max != b.body_bytes_max, "server.body_bytes_max");
  differs(a.header_bytes_max != b.header_bytes_max, "server.header_bytes_max");
  differs(a.header_timeout_ms != b.header_timeout_ms, "server.header_timeout");
  differs(a.body_timeout_ms != b.body_timeout_ms, "server.body_timeout");
  differs(a.keep_alive_ms != b.keep_alive_ms, "server.keep_alive");
  differs(a.connections_max != b.connections_max, "server.connections_max");
  differs(now.ledger.enabled != next.ledger.enabled || now.ledger.path != next.ledger.path ||
              now.ledger.flush_ms != next.ledger.flush_ms,
          "ledger");
  differs(now.media.cache_bytes_max != next.media.cache_bytes_max ||
              now.media.memory_bytes_max != next.media.memory_bytes_max,
          "images");
  return out;
}

}  // namespace

LiveConfig::LiveConfig(LiveConfigOptions options, Snapshots running, metrics::Shard& shard, Make make,
                       Apply apply)
    : options_(std::move(options)),
      running_(std::move(running)),
      shard_(shard),
      make_(std::move(make)),
      apply_(std::move(apply)) {
  state_.source = options_.file;
  state_.loaded_at = ::time(nullptr);
  read_stamp_ = stamp();
  thread_ = std::thread([this] { run(); });
}

LiveConfig::~LiveConfig() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void LiveConfig::reload() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_all();
}

api::ConfigState LiveConfig::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

LiveConfig::Stamp LiveConfig::stamp() const {
  Stamp s;
  if (options_.file.empty()) return s;
  std::error_code failed;
  s.time = std::filesystem::last_write_time(options_.file, failed);
  if (failed) return {};
  s.size = std::filesystem::file_size(options_.file, failed);
  s.there = !failed;
  return s;
}

void LiveConfig::run() {
  Stamp last = read_stamp_;  // as it was seen before
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms),
                     [this] { return asked_ || stopping_; });
      if (stopping_) return;
      const bool asked = std::exchange(asked_, false);
      const Stamp now = stamp();
      // A file that is being written is left until it has stayed the same for one look; one that is gone may be being replaced.
      const bool settled = now == last;
      last = now;
      if (!asked && (!settled || now == read_stamp_ || !now.there)) continue;
      read_stamp_ = now;
    }
    read();
  }
}

void LiveConfig::read() {
  config::Loaded loaded = config::load(options_.file, config::Environment::process(), options_.overrides);
  if (!loaded.mistakes.empty()) return refuse(loaded.mistakes);
  const std::string later = needs_restart(running_->config(), loaded.config);
  auto made = make_(std::move(loaded.config));
  if (!made) return refuse(made.error().message);
  running_ = *made;
  apply_(std::move(*made));
  shard_.number(kReloads, "result=\"taken\"").add(1);
  const std::lock_guard lock(mutex_);
  ++state_.generation;
  state_.loaded_at = ::time(nullptr);
  state_.refused.clear();
  log::info(log::Module::config, "the configuration was read again",
            {{"config", options_.file}, {"generation", static_cast<long long>(state_.generation)}});
  if (!later.empty())
    log::warn(log::Module::config, "some of what has changed waits for the next start", {{"options", later}});
}

void LiveConfig::refuse(const std::vector<config::Mistake>& mistakes) {
  for (const config::Mistake& m : mistakes) log::error(log::Module::config, m.text());
  std::string reason = mistakes.front().text();
  if (mistakes.size() > 1) reason += " (and " + std::to_string(mistakes.size() - 1) + " more)";
  refuse(std::move(reason));
}

void LiveConfig::refuse(std::string reason) {
  log::error(log::Module::config, "the changed configuration is refused; the one before stays",
             {{"why", reason}});
  shard_.number(kReloads, "result=\"refused\"").add(1);
  const std::lock_guard lock(mutex_);
  state_.refused = std::move(reason);
}

}  // namespace pb::cli
