// The cache's answers in Redis, where all replicas find them. While Redis is out of reach nothing is found and nothing kept.
#pragma once
#include <boost/asio/io_context.hpp>
#include <vector>

#include "gateway/cache/backend.h"
#include "gateway/shared/line.h"

namespace pb::gateway::shared {

// One for all cores: each request uses the line of the core that it runs on.
class Answers final : public cache::Backend {
 public:
  explicit Answers(const Replicas& replicas) : replicas_(replicas) {}
  void add(boost::asio::io_context& io, Line& line);  // before any loop runs

  bool portable_keys() const override { return true; }
  Task<cache::EntryPtr> get(cache::Key key, std::int64_t unix_ms) override;
  Task<void> put(cache::Key key, cache::EntryPtr entry) override;
  Task<Result<std::uint64_t>> purge(cache::Filter filter) override;
  cache::Stats stats() const override { return {}; }

 private:
  Task<net::redis::Client*> here();  // null: out of reach
  struct Core {
    const boost::asio::io_context* io;
    Line* line;
  };
  const Replicas& replicas_;
  std::vector<Core> cores_;
};

}  // namespace pb::gateway::shared
