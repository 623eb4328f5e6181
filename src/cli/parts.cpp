#include "cli/parts.h"

#include <filesystem>

#include "base/clock.h"
#include "base/log.h"

namespace pb::cli {

void configure_log(const config::Log& c) {
  log::Options o;
  log::parse_level(c.level, o.level);
  o.json = c.format == "json";
  for (const auto& [module, level] : c.modules) log::parse_level(level, o.modules[module]);
  log::configure(o);
}

std::unique_ptr<store::Ledger> open_ledger(const config::Config& config) {
  if (!config.ledger.enabled) return nullptr;
  store::LedgerOptions o;
  o.path = config::ledger_path(config, config::Environment::process());
  o.flush_ms = config.ledger.flush_ms;
  o.queue_max = limits::kLedgerQueueMax;
  return store::create_ledger(std::move(o));
}

std::unique_ptr<store::BenchmarkStore> open_benchmarks(const config::Config& config) {
  return store::create_benchmark_store({.path = config::ledger_path(config, config::Environment::process())});
}

std::string beside_ledger(const config::Config& config, const char* name) {
  const std::filesystem::path ledger = config::ledger_path(config, config::Environment::process());
  return (ledger.parent_path() / name).string();
}

Result<void> start_simulator(config::Config& config, std::unique_ptr<sim::Simulator>& simulator) {
  if (!config.simulator) return {};
  const bool running = simulator != nullptr;
  if (!running) {
    TRY_ASSIGN(simulator, sim::start(sim::Options{}));
  }
  for (config::Provider& p : config.providers)
    if (p.base_url.empty()) p.base_url = simulator->base_url();
  if (running) return {};
  log::warn(log::Module::main,
            "the built-in simulator answers. For real models set OPENAI_API_KEY, ANTHROPIC_API_KEY or "
            "another provider's key, or write "
            "a patchbay.yaml");
  return {};
}

mcp::HubDeps hub_deps(const config::Config& config) {
  const config::McpServer& m = config.mcp_server;
  return {
      .now_ms = steady_ms,
      .limits = {m.sessions_max, m.session_idle_ms, m.resume_ms, m.requests_max, m.tasks_max, m.task_ttl_ms}};
}

}  // namespace pb::cli
