#include "cli/live_config.h"

#include <sys/stat.h>

#include <chrono>
#include <ctime>

#include "base/log.h"
#include "cli/parts.h"
#include "tools/changes.h"

namespace pb::cli {
namespace {

constexpr metrics::Family kReloads{"patchbay_config_reloads_total",
                                   "Configurations read while running, by whether they were taken.",
                                   metrics::Type::counter};

}  // namespace

std::string needs_restart(const config::Config& now, const config::Config& next) {
  std::string out;
  auto differs = [&](bool changed, std::string_view name) {
    if (changed) out.append(out.empty() ? "" : ", ").append(name);
  };
  const config::Server &a = now.server, &b = next.server;
  differs(a.listen != b.listen, "server.listen");
  differs(now.admin.listen != next.admin.listen, "admin.listen");
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
  const config::Shared &s = now.shared, &t = next.shared;
  differs(!s.url.equals(t.url.reveal()) || s.prefix != t.prefix || s.timeout_ms != t.timeout_ms ||
              s.replicas != t.replicas || s.tls_verify != t.tls_verify || s.ca_file != t.ca_file,
          "shared");
  const config::McpServer &m = now.mcp_server, &n = next.mcp_server;
  differs(m.enabled != n.enabled || m.sessions_max != n.sessions_max ||
              m.session_idle_ms != n.session_idle_ms || m.resume_ms != n.resume_ms ||
              m.requests_max != n.requests_max || m.tasks_max != n.tasks_max ||
              m.task_ttl_ms != n.task_ttl_ms,
          "mcp");
  differs(now.media.cache_bytes_max != next.media.cache_bytes_max ||
              now.media.memory_bytes_max != next.media.memory_bytes_max,
          "images");
  return out;
}

LiveConfig::LiveConfig(LiveConfigOptions options, Snapshots running, metrics::Shard& shard, Make make,
                       Apply apply)
    : options_(std::move(options)),
      running_(std::move(running)),
      shard_(shard),
      make_(std::move(make)),
      apply_(std::move(apply)) {
  state_.source = options_.load.file;
  state_.loaded_at = ::time(nullptr);
  read_stamps_ = stamps();
  thread_ = std::thread([this] { run(); });
}

LiveConfig::~LiveConfig() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  done_.notify_all();
  thread_.join();
}

void LiveConfig::reload() {
  {
    const std::lock_guard lock(mutex_);
    ++asked_;
  }
  wake_.notify_all();
}

api::ConfigState LiveConfig::reload_now() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++asked_;
  wake_.notify_all();
  done_.wait(lock, [&] { return answered_ >= mine || stopping_; });
  return state_;
}

api::ConfigState LiveConfig::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

LiveConfig::Stamps LiveConfig::stamps() const {
  Stamps out;
  for (const std::string& file : options_.files) {
    Stamp& s = out.emplace_back();
    struct stat st{};
    if (::stat(file.c_str(), &st) != 0) continue;
    s = {st.st_mtim.tv_sec * 1'000'000'000LL + st.st_mtim.tv_nsec, static_cast<std::uintmax_t>(st.st_size),
         st.st_ino, true};
  }
  return out;
}

void LiveConfig::run() {
  Stamps last = read_stamps_;  // as they were seen before
  for (;;) {
    std::uint64_t asked = 0;
    {
      std::unique_lock lock(mutex_);
      const auto called = [this] { return asked_ != answered_ || stopping_; };
      if (options_.poll_ms > 0)
        wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), called);
      else
        wake_.wait(lock, called);
      if (stopping_) return;
      asked = asked_;
      const Stamps now = stamps();
      // A file that is being written is left until all have stayed the same for one look; the user's own, when it is gone, may be
      // being replaced.
      const bool settled = now == last;
      last = now;
      const bool gone = !options_.load.file.empty() && !now.front().there;
      if (asked == answered_ && (!settled || now == read_stamps_ || gone)) continue;
    }
    const std::lock_guard reading(reading_);
    read();
    {
      const std::lock_guard lock(mutex_);
      answered_ = asked;
    }
    done_.notify_all();
  }
}

config::OverlayOutcome LiveConfig::edit(const config::OverlayEdit& edit) {
  const std::lock_guard reading(reading_);
  config::OverlayOutcome out = config::edit_overlay(options_.load, edit, environment());
  if (out.changed) read();
  return out;
}

config::Environment LiveConfig::environment() const {
  config::Environment env = config::Environment::process();
  if (!options_.probe) env.probe = nullptr;
  return env;
}

config::OverlayShown LiveConfig::overlay(bool json) const {
  return config::show_overlay(options_.load, environment(), json);
}

void LiveConfig::read() {
  {
    const std::lock_guard lock(mutex_);
    read_stamps_ = stamps();  // before it is read: what is written after this is another version
  }
  config::Loaded loaded = config::load(options_.load, environment());
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
            {{"config", options_.load.file}, {"generation", static_cast<long long>(state_.generation)}});
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

LiveConfig::Make snapshots_with(std::unique_ptr<sim::Simulator>& simulator,
                                const std::shared_ptr<route::Board>& board) {
  return [&simulator, board](config::Config next) -> Result<LiveConfig::Snapshots> {
    TRY(start_simulator(next, simulator));
    configure_log(next.log);
    return gateway::Snapshot::make(std::move(next), board);
  };
}

void tell_changes(mcp::Hub& hub, LiveConfig::Snapshots& told, const LiveConfig::Snapshots& next) {
  for (const mcp::Change& c : tools::changes_between(told->config(), next->config())) hub.publish(c);
  told = next;
}

tools::ConfigEditor config_editor(LiveConfig& live) {
  return {[&live](const config::OverlayEdit& edit) {
    tools::EditedConfig out;
    out.done = live.edit(edit);
    if (!out.done.changed) return out;
    out.later = needs_restart(out.done.before, out.done.after);
    out.refused = live.state().refused;
    return out;
  }};
}

}  // namespace pb::cli
