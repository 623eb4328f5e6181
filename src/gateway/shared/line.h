// One core's way to Redis: asks for places under shared limits, and tells what became of them. The first core's line also tells
// the other replicas that this one is there. Lives on its core's event loop.
#pragma once
#include <boost/asio/io_context.hpp>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/task.h"
#include "gateway/shared/company.h"
#include "gateway/shared/replicas.h"
#include "net/resolver.h"
#include "net/sweeper.h"
#include "route/sharing.h"

namespace pb::gateway::shared {

struct LineDeps {
  boost::asio::io_context& io;
  net::Sweeper& sweeper;
  net::Resolver& resolver;
  metrics::Shard& shard;
  Replicas& replicas;
  route::Board* board;  // of the one line that speaks for the replica; null for the others
};

using Place = std::expected<route::Reservation, route::Refusal>;
using Limiters = std::span<const std::shared_ptr<route::Limiter>>;

class Line {
 public:
  explicit Line(LineDeps deps);
  ~Line();
  void start();
  // As route::reserve, for all replicas together. Never waits longer than Redis' timeout; when Redis is out of reach, this
  // replica's part of the limits counts. `limiters` stay where they are until it has come back.
  Task<Place> reserve(Limiters limiters, route::Estimate estimate);
  net::redis::Client& client() { return *client_; }
  State state() const { return deps_.replicas.state(); }
  // Says good-bye to the others, if it is the one who speaks for the replica, and closes the connection.
  Task<void> leave();
  bool closed() const { return client_->closed() && (company_ == nullptr || company_->stopped()); }

 private:
  struct Teller;
  // What Redis has said: granted, refused, or nothing that can be used.
  enum class Said : std::uint8_t { granted, refused, unknown, nothing };
  Task<bool> agree(std::shared_ptr<route::Limiter> limiter, std::uint64_t epoch);
  Task<Said> ask(route::Reservation& place, std::uint64_t epoch, route::Refusal& refusal);
  Place alone(Limiters limiters, const route::Estimate& estimate);
  void settle(Limiters limiters, std::int64_t second, std::int64_t requests, std::int64_t tokens);
  void heard(route::Limiter& limiter, std::span<const net::redis::Reply> numbers);
  void add_keys(std::vector<std::string>& keys, const route::Limiter& limiter) const;

  LineDeps deps_;
  std::unique_ptr<net::redis::Client> client_;
  std::shared_ptr<Teller> teller_;    // shared with reservations, which may outlive the line
  std::unique_ptr<Company> company_;  // of the line that speaks for the replica
  metrics::Histogram& seconds_;
  bool ready_ = false, leaving_ = false;
};

}  // namespace pb::gateway::shared
