// What one of the lines does beside its core's requests: it tells the other replicas that this one is there and what it knows of
// the deployments, hears the same from them, and settles what was used while Redis was out of reach. Lives on its core's event loop.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/metrics.h"
#include "base/task.h"
#include "gateway/shared/deployments.h"
#include "gateway/shared/replicas.h"

namespace pb::gateway::shared {

struct CompanyDeps {
  boost::asio::io_context& io;
  net::redis::Client& client;
  Replicas& replicas;
  metrics::Shard& shard;
  route::Board& board;
  // Makes an agreement about a limiter; false: not now.
  std::function<Task<bool>(std::shared_ptr<route::Limiter> limiter, std::uint64_t epoch)> agree;
};

class Company {
 public:
  virtual ~Company() = default;
  virtual void start() = 0;
  // Says good-bye, so that nobody waits for this replica, and stops.
  virtual Task<void> leave() = 0;
  virtual bool stopped() const = 0;
};
std::unique_ptr<Company> create_company(CompanyDeps deps);

}  // namespace pb::gateway::shared
