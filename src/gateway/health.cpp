#include "gateway/health.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <set>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/headers.h"

namespace pb::gateway {
namespace {

constexpr int kIdleMs = 1'000;  // until the configuration is looked at again
constexpr std::size_t kAnswerBytesMax = 8u << 20;

}  // namespace

bool HealthCount::add(bool good, const config::Health& options) {
  row_ = good == healthy_ ? 0 : row_ + 1;
  if (row_ >= (healthy_ ? options.unhealthy_after : options.healthy_after)) {
    healthy_ = !healthy_;
    row_ = 0;
  }
  return healthy_;
}

Task<void> HealthChecks::run() {
  for (;;) {
    int wait = kIdleMs;
    if (const auto snapshot = snapshot_(); snapshot->config().health.interval_ms > 0) {
      wait = snapshot->config().health.interval_ms;
      co_await check_all(*snapshot);
    }
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(wait));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

// One after the other: none of them is in a hurry, and the timeout bounds the round.
Task<void> HealthChecks::check_all(const Snapshot& snapshot) {
  const config::Health& options = snapshot.config().health;
  std::set<std::size_t> providers;
  for (const Pool& pool : snapshot.pools())
    for (const route::Slot& slot : pool.slots) providers.insert(slot.deployment->provider);
  for (const std::size_t i : providers) {
    const Upstream& upstream = snapshot.upstreams()[i];
    const std::string& name = upstream.provider->name;
    HealthCount& count = counts_[name];
    const bool before = count.healthy();
    const bool good = co_await answers(upstream, options.timeout_ms);
    const bool healthy = count.add(good, options);
    if (healthy != before)
      log::warn(log::Module::gateway,
                healthy ? "provider is healthy again" : "provider is unhealthy: left out",
                {{"provider", name}});
    for (const Pool& pool : snapshot.pools())
      for (const route::Slot& slot : pool.slots)
        if (slot.deployment->provider == i) {
          slot.live->unhealthy.store(!healthy, std::memory_order_relaxed);
          slot.live->checked_ms.store(steady_ms(), std::memory_order_relaxed);
        }
  }
}

Task<bool> HealthChecks::answers(const Upstream& upstream, int timeout_ms) {
  const config::ProviderFormat& format = upstream.provider->formats.front();
  Route route;
  route.upstream = &upstream;
  route.dialect = format.dialect;
  route.path = format.dialect->name == "ollama" ? "/api/tags" : "/models";
  const std::string target = request_target(route, {}, std::nullopt, false);
  net::Headers headers;
  translated_request_headers(route, false, headers);
  net::CallRequest request;
  request.method = "GET";
  request.target = target;
  request.headers = &headers;
  request.idempotent = true;
  const net::CallTimeouts timeouts{timeout_ms, timeout_ms, timeout_ms};
  auto call = co_await client_.open(upstream.origin, request, timeouts);
  if (!call || (*call)->status >= 500) co_return false;
  std::string body;
  const auto read = co_await (*call)->read_all(body, kAnswerBytesMax);
  co_return read.has_value();
}

}  // namespace pb::gateway
