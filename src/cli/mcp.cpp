// `patchbay mcp`: the MCP server over standard input and output, with a gateway of its own in this process.
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/ids.h"
#include "base/limits_mcp.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/live_config.h"
#include "cli/load_config.h"
#include "cli/parts.h"
#include "gateway/cache/cache.h"
#include "gateway/cache/memory.h"
#include "gateway/estimate.h"
#include "gateway/gateway.h"
#include "gateway/media.h"
#include "gateway/model_lists.h"
#include "mcp/stdio.h"
#include "net/resolver.h"
#include "tools/changes.h"
#include "tools/conversations/expiry.h"
#include "tools/tools.h"

namespace pb::cli {
namespace asio = boost::asio;
namespace {

int refuse(const Error& error) {
  std::fprintf(stderr, "patchbay mcp: %s\n", error.message.c_str());
  return kFailed;
}

}  // namespace

int mcp(const McpArgs& args) {
  std::vector<config::Override> overrides;
  if (!args.log_level.empty()) overrides.push_back({"log.level", args.log_level, "--log-level"});
  auto loaded = load_config_quietly(args.config, overrides);
  if (!loaded) return kUsage;
  // Its files are read again only when a tool has changed the configuration.
  const LiveConfigOptions live_options{{.file = loaded->config.source,
                                        .profile = loaded->profile,
                                        .overrides = std::move(overrides),
                                        .overlay = loaded->overlay},
                                       loaded->files,
                                       0,
                                       false};
  config::Config config = std::move(loaded->config);
  configure_log(config.log);
  ::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<sim::Simulator> simulator;
  if (auto started = start_simulator(config, simulator); !started) return refuse(started.error());
  const auto board = std::make_shared<route::Board>();
  auto snapshot = gateway::Snapshot::make(std::move(config), board);
  if (!snapshot) return refuse(snapshot.error());

  auto ledger = open_ledger((*snapshot)->config());
  auto resolver = net::create_resolver();
  metrics::Registry metrics;
  metrics::Shard& shard = metrics.add_shard();
  auto blocking = net::create_blocking_pool();
  const auto benchmarks = open_benchmarks((*snapshot)->config());
  gateway::ModelLists lists(beside_ledger((*snapshot)->config(), "models.json"), *blocking);
  const config::Config& in_use = (*snapshot)->config();
  gateway::MediaShared media_shared(in_use.media);
  gateway::Estimator estimator(*blocking, metrics.add_shard(), ledger.get());
  gateway::cache::Memory kept(in_use.cache.bytes_max);
  gateway::cache::Cache cache(kept, metrics.add_shard(), ids::random64());
  pb::mcp::Hub hub(hub_deps(in_use));
  const std::string database = config::ledger_path(in_use, config::Environment::process());
  auto conversation_store = store::create_conversation_store(database);
  tools::Conversations conversations(*conversation_store, *blocking, hub);
  asio::io_context io{1};
  {
    net::Sweeper sweeper(io);
    auto client = net::create_client(io, sweeper, *resolver, net::ProxySettings::from_environment());
    gateway::Media media({io, sweeper, shard, *blocking, media_shared});
    // One local user: no keys, no replicas, and no answers of the Responses API, which only HTTP serves.
    gateway::Gateway gateway({*client, sweeper, shard, ledger.get(), nullptr, nullptr, *blocking, &estimator,
                              nullptr, &media, nullptr, &cache, &lists, nullptr},
                             *snapshot);
    asio::co_spawn(io, lists.keep_fresh(gateway), [](const std::exception_ptr&) {});
    auto config_before = *snapshot;
    LiveConfig live(live_options, *snapshot, metrics.add_shard(), snapshots_with(simulator, board),
                    [&](const std::shared_ptr<const gateway::Snapshot>& next) {
                      kept.resize(next->config().cache.bytes_max);
                      asio::post(io, [&gateway, next] { gateway.swap(next); });
                      tell_changes(hub, config_before, next);
                    });
    const tools::ConfigEditor editor = config_editor(live);
    auto offer = std::make_shared<const pb::mcp::Offer>(
        tools::make_offer({.gateway = gateway,
                           .executor = io.get_executor(),
                           .local = true,
                           .conversations = &conversations,
                           .ledger_path = ledger == nullptr ? std::string() : database,
                           .benchmarks = benchmarks.get(),
                           .config_editor = &editor}));
    const tools::ChangeWatch changes(sweeper, gateway, ledger.get(), hub);
    const tools::ConversationExpiry expiry(sweeper, io.get_executor(), gateway, conversations);
    auto lines = net::create_lines(io, STDIN_FILENO, STDOUT_FILENO);
    asio::co_spawn(io, pb::mcp::serve_stdio({hub, offer, sweeper, io.get_executor()}, *lines),
                   [&io](const std::exception_ptr&) { io.stop(); });
    asio::signal_set signals(io, SIGINT, SIGTERM);
    asio::steady_timer late(io);
    const auto leave = [&io](const boost::system::error_code& ec, int) {
      if (!ec) io.stop();
    };
    // Clients close the input, and send a signal where that takes long: both end it in the same way. A second signal, or somebody who
    // does not read, ends it at once.
    signals.async_wait([&](const boost::system::error_code& ec, int) {
      if (ec) return;
      lines->stop();
      signals.async_wait(leave);
      late.expires_after(std::chrono::milliseconds(3 * limits::kMcpDrainMs));
      late.async_wait([leave](const boost::system::error_code& passed) { leave(passed, 0); });
    });
    io.run();
    lines.reset();     // gives the descriptors back as they were
    blocking->stop();  // what is being saved or counted is done first
    if (ledger) ledger->flush();
    log::flush();
    std::_Exit(kOk);  // coroutines that wait still point into the parts: the system cleans up
  }
}

}  // namespace pb::cli
