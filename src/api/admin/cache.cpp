#include "gateway/cache/cache.h"

#include "api/admin/endpoint.h"
#include "base/log.h"

namespace pb::api::admin {

Task<Result<Answer>> show_cache(Call& c) {
  const config::Cache& options = c.deps.gateway.snapshot().config().cache;
  gateway::cache::Cache* const cache = c.deps.gateway.cache();
  const gateway::cache::Stats s = cache == nullptr ? gateway::cache::Stats{} : cache->backend().stats();
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("enabled", options.anywhere);
  w.field("semantic", !options.semantic.embed.empty());
  w.field("entries", static_cast<std::int64_t>(s.entries));
  w.field("bytes", static_cast<std::int64_t>(s.bytes));
  w.field("bytes_max", static_cast<std::int64_t>(options.bytes_max));
  w.field("evicted", static_cast<std::int64_t>(s.evicted));
  w.end_object();
  co_return Answer{200, std::move(out)};
}

Task<Result<Answer>> purge_cache(Call& c) {
  gateway::cache::Filter filter{c.parameter("space"), c.parameter("model"), c.parameter("route"),
                                c.parameter("provider")};
  std::uint64_t purged = 0;
  if (gateway::cache::Cache* cache = c.deps.gateway.cache(); cache != nullptr) {
    CO_TRY_ASSIGN(purged, co_await cache->purge(std::move(filter)));
  }
  log::info(log::Module::api, "answers forgotten", {{"answers", static_cast<unsigned long>(purged)}});
  co_return Answer{200, "{\"purged\":" + std::to_string(purged) + "}"};
}

}  // namespace pb::api::admin
