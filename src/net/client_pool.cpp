#include "net/client_pool.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pb::net {
namespace asio = boost::asio;
namespace {

constexpr int kReapEveryMs = 5000;

}  // namespace

ClientPool::ClientPool(ConnectDeps deps, ProxySettings proxies, std::shared_ptr<TlsContext> tls)
    : deps_(deps), proxies_(std::move(proxies)), tls_(std::move(tls)), reaper_(deps.sweeper) {}

OriginPool& ClientPool::pool_of(const Origin& origin) {
  auto it = pools_.find(origin.key);
  if (it == pools_.end()) {
    it = pools_.emplace(origin.key, std::make_unique<OriginPool>()).first;
    it->second->proxy = proxies_.proxy_for(origin.url);
  }
  it->second->max = origin.connections_max;
  return *it->second;
}

std::unique_ptr<PooledConnection> ClientPool::take_idle(OriginPool& pool) {
  while (!pool.idle.empty()) {
    auto c = std::move(pool.idle.back());
    pool.idle.pop_back();
    if (c->stream->quiet()) {  // one system call, against a lost request when the peer has just closed
      c->reused = true;
      return c;
    }
    --pool.open;
  }
  return nullptr;
}

// False when no place came free in time. A timer serves as condition variable.
Task<bool> ClientPool::wait_for_place(OriginPool& pool) {
  asio::steady_timer timer(deps_.io, std::chrono::milliseconds(limits::kUpstreamWaitMs));
  pool.waiting.push_back(&timer);
  struct Leave {
    OriginPool& pool;
    asio::steady_timer* timer;
    ~Leave() { std::erase(pool.waiting, timer); }
  } leave{pool, &timer};
  auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return ec == asio::error::operation_aborted;
}

Task<Result<std::unique_ptr<PooledConnection>>> ClientPool::acquire(const Origin& origin, OriginPool& pool,
                                                                    bool fresh) {
  for (;;) {
    if (!fresh)
      if (auto c = take_idle(pool)) co_return c;
    if (pool.open < pool.max) break;
    if (fresh && !pool.idle.empty()) {
      discard(pool, std::move(pool.idle.front()));
      pool.idle.erase(pool.idle.begin());
      continue;
    }
    bool woken = co_await wait_for_place(pool);
    if (!woken) {
      Error e;
      e.code = Code::overloaded;
      e.message =
          "all " + std::to_string(pool.max) + " connections to " + origin.url.authority() + " are busy";
      e.retryable = true;
      e.retry_after_ms = 1000;
      co_return std::unexpected(std::move(e));
    }
  }
  if (origin.url.tls && !pool.tls && origin.tls_verify && origin.ca_file.empty()) pool.tls = tls_;
  if (origin.url.tls && !pool.tls) {
    CO_TRY_ASSIGN(pool.tls, tls_context(origin.tls_verify, origin.ca_file));
  }
  ++pool.open;
  struct Place {  // given back unless a connection comes of it, also when this coroutine is cancelled
    ClientPool& self;
    OriginPool& pool;
    bool used = false;
    ~Place() {
      if (used) return;
      --pool.open;
      self.wake_one(pool);
    }
  } place{*this, pool};
  auto stream = co_await connect(deps_, origin, pool.proxy, pool.tls);
  CO_TRY(stream);
  place.used = true;
  auto c = std::make_unique<PooledConnection>(deps_.sweeper);
  c->stream = std::move(*stream);
  co_return c;
}

void ClientPool::wake_one(OriginPool& pool) {
  if (pool.waiting.empty()) return;
  asio::steady_timer* first = pool.waiting.front();
  pool.waiting.pop_front();
  first->cancel();
}

void ClientPool::put_back(OriginPool& pool, std::unique_ptr<PooledConnection> c) {
  c->deadline.disarm();
  if (!c->buffer.empty()) return discard(pool, std::move(c));  // bytes nobody asked for
  c->idle_since = deps_.sweeper.now();
  pool.idle.push_back(std::move(c));
  wake_one(pool);
  if (!reaper_.armed()) reaper_.arm(kReapEveryMs, reap, this);
}

void ClientPool::discard(OriginPool& pool, std::unique_ptr<PooledConnection> c) {
  c->deadline.disarm();
  c->stream->close();
  --pool.open;
  wake_one(pool);
}

void ClientPool::reap(void* context) {
  auto& self = *static_cast<ClientPool*>(context);
  auto oldest = self.deps_.sweeper.now() - std::chrono::milliseconds(limits::kUpstreamIdleMs);
  auto lately = self.deps_.sweeper.now() - std::chrono::milliseconds(kReapEveryMs);
  bool any = false;
  for (auto& [key, pool] : self.pools_) {
    auto& idle = pool->idle;
    std::size_t stale = 0;  // the oldest are in front
    while (stale < idle.size() && idle[stale]->idle_since < oldest) ++stale;
    for (std::size_t i = 0; i < stale; ++i) self.discard(*pool, std::move(idle[i]));
    idle.erase(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(stale));
    for (auto& c : idle)  // what was not used since the last round need not keep its buffer
      if (c->idle_since < lately) c->buffer.release();
    any = any || !idle.empty();
  }
  if (any) self.reaper_.arm(kReapEveryMs, reap, &self);
}

std::size_t ClientPool::idle() const {
  std::size_t n = 0;
  for (const auto& [key, pool] : pools_) n += pool->idle.size();
  return n;
}

std::size_t ClientPool::open() const {
  std::size_t n = 0;
  for (const auto& [key, pool] : pools_) n += static_cast<std::size_t>(pool->open);
  return n;
}

}  // namespace pb::net
