// Images and documents on their way to a model that wants them otherwise: URLs become bytes, bytes become small enough.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/task.h"
#include "config/config.h"
#include "gateway/media_cache.h"
#include "gateway/media_plan.h"
#include "net/blocking.h"
#include "net/fetch.h"

namespace pb::gateway {

// What the cores share; owned by main.
struct MediaShared {
  explicit MediaShared(const config::Media& config);
  net::FetchOptions options;
  net::FetchShared fetch;
  MediaCache cache;
  MemoryBudget memory;
  const std::uint64_t
      seeds[2];  // of the cache's keys: nobody can choose images that are taken for each other
};

struct MediaDeps {
  boost::asio::io_context& io;
  net::Sweeper& sweeper;
  metrics::Shard& shard;
  net::BlockingPool& pool;
  MediaShared& shared;
};

// One core's. Not thread-safe.
class Media {
 public:
  explicit Media(MediaDeps deps);

  struct Done {
    int fetched = 0, cached = 0, scaled = 0;
    std::string header() const;  // "2 fetched, 1 scaled"; "" when nothing was done
  };
  // Replaces URLs by bytes where the limits say that the model takes none, corrects media types, and makes images fit.
  // Several at a time; fetching is bounded in number, bytes and time. An error names the place in the client's body.
  Task<Result<Done>> prepare(llm::Request& request, llm::MediaLimits limits, const config::Media& config);

 private:
  struct Batch;
  Task<void> lane(Batch& batch);
  Task<Result<std::shared_ptr<const ReadyMedia>>> ready(Batch& batch, const MediaItem& item);
  Task<Result<void>> run(Batch& batch);
  Task<Result<void>> fit_together(Batch& batch, std::size_t bytes_max);

  MediaDeps deps_;
  std::unique_ptr<net::Fetcher> fetcher_;
};

}  // namespace pb::gateway
