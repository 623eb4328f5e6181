// The kept-alive connections of one core, grouped by origin.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/connect.h"

namespace pb::net {

struct PooledConnection {
  explicit PooledConnection(Sweeper& sweeper) : deadline(sweeper) {}
  std::unique_ptr<Stream> stream;
  ReadBuffer buffer;
  std::string head;  // of the request being sent; kept for its capacity
  Deadline deadline;
  bool timed_out = false;
  bool reused = false;
  Clock::time_point idle_since{};
};

// Lives as long as its Client: calls hold pointers to it.
struct OriginPool {
  std::vector<std::unique_ptr<PooledConnection>> idle;
  std::deque<boost::asio::steady_timer*> waiting;  // for a place; woken by cancelling the timer
  int open = 0;                                    // idle ones included
  int max = 0;
  std::string proxy;
  std::shared_ptr<TlsContext> tls;  // shared with its streams, see tls.cpp
};

class ClientPool {
 public:
  // `tls`: see create_client().
  ClientPool(ConnectDeps deps, ProxySettings proxies, std::shared_ptr<TlsContext> tls);

  // An idle connection or a new one. `fresh`: do not take an idle one.
  Task<Result<std::unique_ptr<PooledConnection>>> acquire(const Origin& origin, OriginPool& pool, bool fresh);
  OriginPool& pool_of(const Origin& origin);
  void put_back(OriginPool& pool, std::unique_ptr<PooledConnection> connection);
  void discard(OriginPool& pool, std::unique_ptr<PooledConnection> connection);
  std::size_t idle() const;
  std::size_t open() const;
  Sweeper& sweeper() { return deps_.sweeper; }

 private:
  std::unique_ptr<PooledConnection> take_idle(OriginPool& pool);
  Task<bool> wait_for_place(OriginPool& pool);
  static void reap(void* self);
  void wake_one(OriginPool& pool);

  ConnectDeps deps_;
  ProxySettings proxies_;
  std::shared_ptr<TlsContext> tls_;
  std::unordered_map<std::string, std::unique_ptr<OriginPool>> pools_;
  Deadline reaper_;
};

}  // namespace pb::net
