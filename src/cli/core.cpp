#include "cli/core.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "gateway/cache/cache.h"
#include "gateway/model_lists.h"
#include "tools/tools.h"

namespace pb::cli {
namespace asio = boost::asio;
namespace {

constexpr int kGaugesEveryMs = 5000;
constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr int kCloseMs = 1000;

constexpr metrics::Family kOpenRequests{"patchbay_open_requests", "Requests being answered now.",
                                        metrics::Type::gauge};
constexpr metrics::Family kConnections{"patchbay_upstream_connections", "Connections to providers, by state.",
                                       metrics::Type::gauge};
constexpr metrics::Family kLag{"patchbay_loop_lag_seconds",
                               "How late the event loops' last ticks were, summed over cores.",
                               metrics::Type::gauge};

net::ServerOptions server_options(const config::Server& s) {
  net::ServerOptions o;
  o.body_bytes_max = s.body_bytes_max;
  o.header_bytes_max = s.header_bytes_max;
  o.header_timeout_ms = s.header_timeout_ms;
  o.body_timeout_ms = s.body_timeout_ms;
  o.keep_alive_ms = s.keep_alive_ms;
  o.connections_max = s.connections_max;
  return o;
}

}  // namespace

Core::Core(CoreDeps deps, net::Listener listener)
    : deps_(std::move(deps)),
      client_(net::create_client(io_, sweeper_, deps_.resolver, net::ProxySettings::from_environment())),
      shard_(deps_.metrics.add_shard()),
      media_({io_, sweeper_, shard_, deps_.blocking, deps_.media}),
      shared_(deps_.replicas == nullptr
                  ? nullptr
                  : std::make_unique<gateway::shared::Line>(gateway::shared::LineDeps{
                        io_, sweeper_, deps_.resolver, shard_, *deps_.replicas, deps_.speaks})),
      gateway_(
          {*client_, sweeper_, shard_, deps_.ledger, &deps_.loops, &deps_.recall, deps_.blocking,
           &deps_.estimator, &deps_.stored, &media_, &deps_.keys, deps_.cache, deps_.lists, shared_.get()},
          deps_.snapshot) {
  if (deps_.hub != nullptr) {
    meter_ = std::make_shared<mcp::Meter>(shard_);
    auto offer = std::make_shared<const mcp::Offer>(
        tools::make_offer({.gateway = gateway_,
                           .executor = io_.get_executor(),
                           .conversations = deps_.conversations,
                           .ledger_path = deps_.ledger == nullptr ? std::string() : deps_.admin.ledger_path,
                           .meter = meter_,
                           .benchmarks = deps_.benchmarks,
                           .config_editor = deps_.config_editor}));
    mcp_ = std::make_unique<mcp::Endpoint>(
        mcp::EndpointDeps{*deps_.hub, sweeper_, io_.get_executor(), std::move(offer)});
  }
  if (deps_.oauth != nullptr)
    oauth_ = std::make_unique<mcp::Authorizer>(mcp::authorizer_deps(io_, sweeper_, *deps_.oauth));
  api::Deps api = api_deps();
  api.admin_here = !deps_.admin_elsewhere;
  server_ =
      net::create_server(io_, sweeper_, std::move(listener), server_options(deps_.snapshot->config().server),
                         api::create_api(std::move(api)), api::error_page);
  refresh(this);
  if (shared_ != nullptr) shared_->start();
}

api::Deps Core::api_deps() {
  return {gateway_,
          deps_.metrics,
          deps_.ledger,
          &deps_.keys,
          [this] { return !deps_.draining.load(); },
          deps_.config_state,
          [this] { refresh(this); },
          &deps_.admin,
          true,
          true,
          mcp_.get(),
          oauth_.get()};
}

void Core::serve_admin(net::Listener listener) {
  api::Deps api = api_deps();
  api.clients_here = false;
  admin_server_ =
      net::create_server(io_, sweeper_, std::move(listener), server_options(deps_.snapshot->config().server),
                         api::create_api(std::move(api)), api::error_page);
}

std::size_t Core::open_connections() const {
  return server_->open_connections() + (admin_server_ ? admin_server_->open_connections() : 0);
}

void Core::refresh(void* context) {
  auto& self = *static_cast<Core*>(context);
  self.shard_.number(kOpenRequests, "").set(static_cast<double>(self.server_->open_requests()));
  if (self.deps_.cache != nullptr) self.deps_.cache->publish();
  auto idle = static_cast<double>(self.client_->idle_connections());
  self.shard_.number(kConnections, "state=\"idle\"").set(idle);
  self.shard_.number(kConnections, "state=\"busy\"")
      .set(static_cast<double>(self.client_->open_connections()) - idle);
  self.shard_.number(kLag, "").set(self.sweeper_.lag_seconds());
  if (self.changes_ != nullptr) self.meter_->show(*self.deps_.hub);
  self.gauges_.arm(kGaugesEveryMs, refresh, &self);
}

void Core::check_health() {
  health_ = std::make_unique<gateway::HealthChecks>(*client_, [this] { return gateway_.snapshot_in_use(); });
  asio::co_spawn(io_, health_->run(), [](std::exception_ptr) {});
}

void Core::keep_model_lists() {
  if (deps_.lists != nullptr)
    asio::co_spawn(io_, deps_.lists->keep_fresh(gateway_), [](std::exception_ptr) {});
}

void Core::watch_changes() {
  if (deps_.hub != nullptr)
    changes_ = std::make_unique<tools::ChangeWatch>(sweeper_, gateway_, deps_.ledger, *deps_.hub);
  if (deps_.conversations != nullptr)
    expiry_ = std::make_unique<tools::ConversationExpiry>(sweeper_, io_.get_executor(), gateway_,
                                                          *deps_.conversations);
}

void Core::start() {
  thread_ = std::thread([this] { run(); });
}

void Core::run() { io_.run(); }

void Core::join() {
  if (thread_.joinable()) thread_.join();
}

void Core::swap(std::shared_ptr<const gateway::Snapshot> next) {
  asio::post(io_, [this, next = std::move(next)]() mutable { gateway_.swap(std::move(next)); });
}

void Core::drain() {
  asio::post(io_, [this] { asio::co_spawn(io_, shut_down(), [this](std::exception_ptr) { io_.stop(); }); });
}

Task<void> Core::shut_down() {
  asio::steady_timer timer(io_);
  auto wait_for_end = [&](int ms) -> Task<void> {
    auto end = net::Clock::now() + std::chrono::milliseconds(ms);
    while (open_connections() != 0 && net::Clock::now() < end) {
      timer.expires_after(kPoll);
      co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  };
  server_->drain();
  if (admin_server_) admin_server_->drain();
  co_await wait_for_end(gateway_.snapshot().config().server.drain_ms);
  if (server_->open_requests() != 0)
    log::warn(log::Module::main, "closing requests that did not end in time",
              {{"open", server_->open_requests()}});
  server_->close_all();
  if (admin_server_) admin_server_->close_all();
  if (deps_.hub != nullptr) deps_.hub->end_calls();
  co_await wait_for_end(kCloseMs);
  clean_ = open_connections() == 0;
  const auto calls_end = net::Clock::now() + std::chrono::milliseconds(kCloseMs);
  while (deps_.hub != nullptr && deps_.hub->calls() != 0 && net::Clock::now() < calls_end) {
    timer.expires_after(kPoll);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  clean_ = clean_ && (deps_.hub == nullptr || deps_.hub->calls() == 0);
  if (shared_ == nullptr) co_return;
  co_await shared_->leave();
  const auto end = net::Clock::now() + std::chrono::milliseconds(kCloseMs);
  while (!shared_->closed() && net::Clock::now() < end) {
    timer.expires_after(kPoll);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  clean_ = clean_ && shared_->closed();
}

}  // namespace pb::cli
