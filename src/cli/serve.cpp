// `patchbay serve`: reads the configuration, builds the parts in order, runs, shuts down.
#include <signal.h>

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "api/admin/admin.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/core.h"
#include "cli/live_config.h"
#include "cli/load_config.h"
#include "cli/parts.h"
#include "cli/replica.h"
#include "cli/startup_memory.h"
#include "gateway/cache/cache.h"
#include "gateway/cache/memory.h"
#include "gateway/model_lists.h"
#include "gateway/shared/answers.h"
#include "sim/sim.h"
#include "store/keys.h"
#include "store/ledger.h"
#include "store/spending.h"

namespace pb::cli {
namespace {

// Budgets need what was spent before, also what a process that was killed has left in the journal, requests under way included.
void wait_for_ledger(store::Ledger* ledger) {
  constexpr int kWaitMs = 5000, kStepMs = 5;
  for (int ms = 0; ledger != nullptr && !ledger->stats().caught_up; ms += kStepMs) {
    if (ms >= kWaitMs) {
      log::error(log::Module::store, "the ledger is not ready: budgets begin with what is known of it");
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
  }
}

std::string url_of(const net::Listener& l) {
  const std::string host = l.host.find(':') == std::string::npos ? l.host : "[" + l.host + "]";
  return "http://" + host + ":" + std::to_string(l.port);
}

int refuse(const Error& error) {
  std::fprintf(stderr, "patchbay: %s\n", error.message.c_str());
  return kFailed;
}

}  // namespace

int serve(const ServeArgs& args) {
  std::vector<config::Override> overrides;
  if (!args.listen.empty()) overrides.push_back({"server.listen", args.listen, "--listen"});
  if (!args.log_level.empty()) overrides.push_back({"log.level", args.log_level, "--log-level"});
  auto loaded = load_config(args.config, overrides);
  if (!loaded) return kUsage;
  const LiveConfigOptions live_options{{.file = loaded->config.source,
                                        .profile = loaded->profile,
                                        .overrides = std::move(overrides),
                                        .overlay = loaded->overlay},
                                       loaded->files};
  config::Config config = std::move(loaded->config);
  std::string file = config.source;
  configure_log(config.log);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk

  log::info(log::Module::main, "patchbay " PATCHBAY_VERSION,
            {{"config", file.empty() ? std::string("none") : file},
             {"profile", loaded->profile.empty() ? std::string("none") : loaded->profile}});
  for (const std::string& note : loaded->notes) log::info(log::Module::config, note);
  std::unique_ptr<sim::Simulator> simulator;
  if (auto started = start_simulator(config, simulator); !started) return refuse(started.error());
  auto board = std::make_shared<route::Board>();
  auto snapshot = gateway::Snapshot::make(std::move(config), board);
  if (!snapshot) return refuse(snapshot.error());
  const config::Server& server = (*snapshot)->config().server;

  int threads = server.threads > 0 ? server.threads
                                   : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  auto listeners = net::listen_on(server.listen, threads);
  if (!listeners) return refuse(listeners.error());
  const std::string url = url_of(listeners->front());
  const config::Admin& admin = (*snapshot)->config().admin;
  std::vector<net::Listener> admin_listeners;
  if (!admin.listen.empty()) {
    auto bound = net::listen_on(admin.listen, 1);
    if (!bound) return refuse(bound.error());
    admin_listeners = std::move(*bound);
    log::info(log::Module::main, "the admin API is on " + url_of(admin_listeners.front()));
  }

  auto ledger = open_ledger((*snapshot)->config());
  auto resolver = net::create_resolver();
  metrics::Registry metrics;
  gateway::LoopGuard loops(ids::random64());
  gateway::Recall recall;
  auto blocking = net::create_blocking_pool();
  auto responses =
      store::create_response_store({.path = beside_ledger((*snapshot)->config(), "responses.db")});
  gateway::StoredResponses stored(*responses, *blocking);
  const auto benchmarks = open_benchmarks((*snapshot)->config());
  gateway::MediaShared media((*snapshot)->config().media);
  gateway::Estimator estimator(*blocking, metrics.add_shard(), ledger.get());
  gateway::ModelLists lists(beside_ledger((*snapshot)->config(), "models.json"), *blocking);
  const auto replicas = make_replicas((*snapshot)->config(), listeners->size());
  gateway::cache::Memory kept((*snapshot)->config().cache.bytes_max);
  const auto shared_answers = replicas ? std::make_unique<gateway::shared::Answers>(*replicas) : nullptr;
  gateway::cache::Backend* answers = &kept;
  if (shared_answers != nullptr) answers = shared_answers.get();
  gateway::cache::Cache cache(*answers, metrics.add_shard(), ids::random64());
  const auto env = config::Environment::process();
  auto key_store = store::create_key_store(config::keys_path((*snapshot)->config(), env));
  gateway::KeyRing keys(*key_store, [path = config::ledger_path((*snapshot)->config(), env)] {
    return store::read_spending(path, unix_ms());
  });
  wait_for_ledger(ledger.get());
  keys.configure((*snapshot)->config());
  std::atomic<bool> draining = false;
  mcp::Hub hub(hub_deps((*snapshot)->config()));
  const bool serves_mcp = (*snapshot)->config().mcp_server.enabled;
  auto conversation_store = store::create_conversation_store(config::ledger_path((*snapshot)->config(), env));
  tools::Conversations conversations(*conversation_store, *blocking, hub);
  auto config_before = *snapshot;
  mcp::OAuthShared oauth(url + "/mcp");
  std::vector<std::unique_ptr<Core>> cores;
  LiveConfig live(live_options, *snapshot, metrics.add_shard(), snapshots_with(simulator, board),
                  [&](const std::shared_ptr<const gateway::Snapshot>& next) {
                    keys.configure(next->config());
                    kept.resize(next->config().cache.bytes_max);
                    for (auto& core : cores) core->swap(next);
                    tell_changes(hub, config_before, next);
                  });
  const tools::ConfigEditor editor = config_editor(live);
  api::admin::FailedAttempts attempts;
  const api::AdminDeps admin_deps{
      *blocking,
      attempts,
      ledger == nullptr ? std::string() : config::ledger_path((*snapshot)->config(), env),
      [&live] { return live.reload_now(); },
      [&live](const config::OverlayEdit& edit) { return live.edit(edit); },
      [&live] { return live.overlay(true); },
      unix_ms()};
  for (net::Listener& l : *listeners)
    cores.push_back(std::make_unique<Core>(CoreDeps{*snapshot,
                                                    *resolver,
                                                    metrics,
                                                    ledger.get(),
                                                    loops,
                                                    recall,
                                                    stored,
                                                    *blocking,
                                                    media,
                                                    estimator,
                                                    keys,
                                                    &cache,
                                                    &lists,
                                                    replicas.get(),
                                                    cores.empty() ? board.get() : nullptr,
                                                    draining,
                                                    [&live] { return live.state(); },
                                                    admin_deps,
                                                    !admin_listeners.empty(),
                                                    serves_mcp ? &hub : nullptr,
                                                    &conversations,
                                                    benchmarks.get(),
                                                    &oauth,
                                                    &editor},
                                           std::move(l)));
  if (!admin_listeners.empty()) cores[0]->serve_admin(std::move(admin_listeners.front()));

  for (auto& core : cores)
    if (shared_answers != nullptr) shared_answers->add(core->io(), *core->shared());
  boost::asio::signal_set signals(cores[0]->io(), SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    log::info(log::Module::main, "stopping: open requests may finish", {{"drain_ms", server.drain_ms}});
    draining = true;
    hub.close();
    for (auto& core : cores) core->drain();
    signals.async_wait([](const boost::system::error_code& again, int) {
      if (!again) std::_Exit(kFailed);  // asked twice: at once
    });
  });
  boost::asio::signal_set hang_up(cores[0]->io(), SIGHUP);
  std::function<void()> await_hang_up = [&] {
    hang_up.async_wait([&](const boost::system::error_code& ec, int) {
      if (ec) return;
      live.reload();
      await_hang_up();
    });
  };
  await_hang_up();
  log::info(log::Module::main, "listening on " + url, {{"threads", threads}});
  cores[0]->check_health();
  cores[0]->watch_keys();
  cores[0]->keep_model_lists();
  cores[0]->watch_changes();
  release_startup_memory();
  for (std::size_t i = 1; i < cores.size(); ++i) cores[i]->start();
  cores[0]->run();
  bool clean = true;
  for (auto& core : cores) {
    core->join();
    clean = clean && core->clean();
  }
  blocking->stop();  // while the cores are there, whose coroutines may wait for it; what is not booked yet is
  if (clean) {
    media.fetch.lookups->stop();
    oauth.fetch.lookups->stop();
    for (auto& core : cores) core->end();
  }
  keys.close();
  if (ledger) ledger->flush();
  log::info(log::Module::main, "stopped");
  log::flush();
  if (!clean)
    std::_Exit(kOk);  // coroutines that would not end still point into the parts: let the system clean up
  return kOk;
}

}  // namespace pb::cli
