// `patchbay mcp`: the MCP server over standard input and output, with a gateway of its own in this process.
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/load_config.h"
#include "cli/parts.h"
#include "gateway/gateway.h"
#include "gateway/model_lists.h"
#include "mcp/stdio.h"
#include "net/resolver.h"
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
  auto loaded = load_config_quietly(args.config);
  if (!loaded) return kUsage;
  config::Config config = std::move(loaded->config);
  if (!args.log_level.empty()) config.log.level = args.log_level;
  configure_log(config.log);
  ::signal(SIGPIPE, SIG_IGN);
  std::unique_ptr<sim::Simulator> simulator;
  if (auto started = start_simulator(config, simulator); !started) return refuse(started.error());
  auto snapshot = gateway::Snapshot::make(std::move(config));
  if (!snapshot) return refuse(snapshot.error());

  auto ledger = open_ledger((*snapshot)->config());
  auto resolver = net::create_resolver();
  metrics::Registry metrics;
  metrics::Shard& shard = metrics.add_shard();
  auto blocking = net::create_blocking_pool();
  gateway::ModelLists lists(beside_ledger((*snapshot)->config(), "models.json"), *blocking);
  gateway::MediaShared media_shared((*snapshot)->config().media);
  gateway::Estimator estimator(*blocking, metrics.add_shard(), ledger.get());
  pb::mcp::Hub hub({.now_ms = steady_ms});
  asio::io_context io{1};
  {
    net::Sweeper sweeper(io);
    auto client = net::create_client(io, sweeper, *resolver, net::ProxySettings::from_environment());
    gateway::Media media({io, sweeper, shard, *blocking, media_shared});
    gateway::Gateway gateway({*client, sweeper, shard, ledger.get(), nullptr, nullptr, *blocking, &estimator,
                              nullptr, &media, nullptr, nullptr, &lists, nullptr},
                             *snapshot);
    asio::co_spawn(io, lists.keep_fresh(gateway), [](const std::exception_ptr&) {});
    auto offer =
        std::make_shared<const pb::mcp::Offer>(tools::make_offer({gateway, io.get_executor(), true}));
    auto lines = net::create_lines(io, STDIN_FILENO, STDOUT_FILENO);
    asio::co_spawn(io, pb::mcp::serve_stdio({hub, offer, sweeper, io.get_executor()}, *lines),
                   [&io](const std::exception_ptr&) { io.stop(); });
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const boost::system::error_code& ec, int) {
      if (!ec) io.stop();
    });
    io.run();
    lines.reset();     // gives the descriptors back as they were
    blocking->stop();  // what is still being counted gets into the ledger
    if (ledger) ledger->flush();
    log::flush();
    std::_Exit(kOk);  // coroutines that wait still point into the parts: the system cleans up
  }
}

}  // namespace pb::cli
