#include "gateway/media.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/hash.h"
#include "base/ids.h"
#include "gateway/media_work.h"

namespace pb::gateway {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kLanes = 8;               // images of one request that are worked on at a time
constexpr std::size_t kInlineBytes = 64 << 10;  // base64 text that is quicker decoded than handed to a thread
constexpr auto kKeep = std::chrono::minutes(5);

constexpr metrics::Family kMedia{"patchbay_media_total", "Images and documents, by what was done with them.",
                                 metrics::Type::counter};

net::FetchOptions fetch_options(const config::Media& c) {
  net::FetchOptions o;
  for (const std::string& host : c.allow_hosts)
    if (auto allowed = net::parse_allowed_host(host)) o.allow.push_back(std::move(*allowed));
  o.total_ms = c.fetch_timeout_ms;
  o.bytes_max = c.fetch_bytes_max;
  return o;
}

std::string_view noun(const MediaItem& item) {
  return item.block->kind == llm::Block::Kind::image ? "image" : "document";
}

}  // namespace

MediaShared::MediaShared(const config::Media& config)
    : options(fetch_options(config)),
      cache(config.cache_bytes_max, kKeep),
      memory(config.memory_bytes_max),
      seeds{ids::random64(), ids::random64()} {}

// The images of one request while they are worked on. Lives in the frame of prepare(), which waits for all lanes.
struct Media::Batch {
  llm::Request& request;
  const config::Media& config;
  MediaPlan plan;
  media::Limits limits;  // of one image
  std::vector<std::shared_ptr<const ReadyMedia>> ready;
  std::vector<Error> errors;
  std::vector<bool> failed;
  std::size_t next = 0;
  std::size_t fetched_bytes = 0;
  bool stop = false;
  Done done = {};
};

std::string Media::Done::header() const {
  std::string out;
  const auto say = [&](int n, std::string_view what) {
    if (n == 0) return;
    if (!out.empty()) out += ", ";
    out.append(std::to_string(n)).append(" ").append(what);
  };
  say(fetched, "fetched");
  say(cached, "from the cache");
  say(scaled, "scaled");
  return out;
}

Media::Media(MediaDeps deps)
    : deps_(deps),
      fetcher_(net::create_fetcher(deps.io, deps.sweeper, deps.shared.fetch, deps.shared.options)) {}

namespace {

// Where the client finds the fault: its own field's name, and what about it.
Error located(const llm::Request& request, const MediaItem& item, Error error) {
  if (error.code != Code::invalid_request) return error;
  error.param = place_of(request, item.source());
  std::string subject = "the " + std::string(noun(item));
  if (item.fetch) {
    subject += "'s URL";
    // Without its query, which may hold a signature.
    if (auto url = net::parse_fetch_url(item.block->url)) subject += " " + url->shown;
  }
  error.message = (error.param.empty() ? "" : error.param + ": ") + subject + " " + error.message;
  return error;
}

// What the cache calls a source under some limits.
std::string key_of(const MediaItem& item, const media::Limits& l, const std::uint64_t (&seeds)[2]) {
  std::string key = item.fetch ? "url " : "data ";
  key += item.block->kind == llm::Block::Kind::image ? "i" : "d";
  for (std::uint64_t seed : seeds) key += std::to_string(hash64(item.source(), seed)) + " ";
  for (long long n : {static_cast<long long>(l.bytes_max), static_cast<long long>(l.side_max),
                      static_cast<long long>(l.pixels_max), static_cast<long long>(l.types.bits()),
                      static_cast<long long>(l.animated)})
    key += std::to_string(n) + " ";
  return key;
}

}  // namespace

Task<Result<std::shared_ptr<const ReadyMedia>>> Media::ready(Batch& batch, const MediaItem& item) {
  MediaShared& shared = deps_.shared;
  const std::string key = key_of(item, batch.limits, shared.seeds);
  if (auto known = shared.cache.get(key, MediaCache::Clock::now())) {
    if (item.fetch) ++batch.done.cached;
    if (known->scaled) ++batch.done.scaled;
    co_return known;
  }
  MediaSource source;
  source.document = item.block->kind == llm::Block::Kind::document;
  source.base64 = !item.fetch;
  if (item.fetch) {
    if (!batch.config.fetch)
      co_return fail(Code::invalid_request,
                     "cannot be given to this model, which wants bytes, and fetching is switched off "
                     "(`media.fetch`); send it as base64");
    auto body = co_await fetcher_->get(std::string(item.block->url));
    CO_TRY(body);
    ++batch.done.fetched;
    source.bytes = std::move(*body);
    batch.fetched_bytes += source.bytes.size();
    if (batch.fetched_bytes > limits::kMediaFetchedBytesMax)
      co_return fail(Code::invalid_request, "is one too many: what is fetched for a request may be " +
                                                std::to_string(limits::kMediaFetchedBytesMax) +
                                                " bytes in all");
  } else {
    source.bytes = item.block->data;
  }
  if (source.bytes.size() <= kInlineBytes) {
    auto small = ready_media(source, batch.limits, nullptr);
    if (!small) co_return small;
    if (*small != nullptr) {
      if (item.fetch) shared.cache.put(key, *small, MediaCache::Clock::now());
      co_return small;
    }
  }
  auto work = [source = std::move(source), l = batch.limits, memory = &shared.memory] {
    return ready_media(source, l, memory);
  };
  auto computed = co_await net::blocking(deps_.pool, std::move(work));
  CO_TRY(computed);
  CO_TRY(*computed);
  if ((**computed)->scaled) ++batch.done.scaled;
  shared.cache.put(key, **computed, MediaCache::Clock::now());
  co_return std::move(*computed);
}

Task<void> Media::lane(Batch& batch) {
  while (!batch.stop && batch.next < batch.plan.items.size()) {
    const std::size_t i = batch.next++;
    const MediaItem& item = batch.plan.items[i];
    if (item.same_as != i || batch.ready[i] != nullptr) continue;
    auto made = co_await ready(batch, item);
    if (made) {
      batch.ready[i] = std::move(*made);
    } else {
      batch.errors[i] = std::move(made.error());
      batch.failed[i] = true;
      batch.stop = true;
    }
  }
}

Task<Result<void>> Media::run(Batch& batch) {
  batch.next = 0;
  const auto executor = co_await asio::this_coro::executor;
  using Lane = decltype(asio::co_spawn(executor, lane(batch), asio::deferred));
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < std::min(kLanes, batch.plan.items.size()); ++i)
    lanes.push_back(asio::co_spawn(executor, lane(batch), asio::deferred));
  auto [order, exceptions] = co_await asio::experimental::make_parallel_group(std::move(lanes))
                                 .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& e : exceptions)
    if (e) std::rethrow_exception(e);
  for (std::size_t i = 0; i < batch.failed.size(); ++i)
    if (batch.failed[i])
      co_return std::unexpected(located(batch.request, batch.plan.items[i], std::move(batch.errors[i])));
  co_return Result<void>{};
}

// All images of a request have a limit together: the largest are made smaller until they fit.
Task<Result<void>> Media::fit_together(Batch& batch, std::size_t bytes_max) {
  const auto size_of = [&](std::size_t i) {
    const ReadyMedia& m = *batch.ready[batch.plan.items[i].same_as];
    return m.text.empty() ? batch.plan.items[i].block->data.size() : m.text.size();
  };
  std::vector<std::size_t> sizes;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < batch.plan.items.size(); ++i) {
    if (batch.ready[batch.plan.items[i].same_as]->type == media::Type::pdf) continue;
    sizes.push_back(size_of(i));
    sum += sizes.back();
  }
  if (bytes_max == 0 || sum <= bytes_max) co_return Result<void>{};
  const std::size_t most = level(sizes, bytes_max) / 4 * 3;
  batch.limits.bytes_max = batch.limits.bytes_max == 0 ? most : std::min(batch.limits.bytes_max, most);
  for (std::size_t i = 0; i < batch.plan.items.size(); ++i)
    if (batch.plan.items[i].same_as == i && size_of(i) / 4 * 3 > most &&
        batch.ready[i]->type != media::Type::pdf)
      batch.ready[i] = nullptr;
  co_return co_await run(batch);
}

Task<Result<Media::Done>> Media::prepare(llm::Request& request, llm::MediaLimits limits,
                                         const config::Media& config) {
  Batch batch{request, config, plan_media(request, limits), {}, {}, {}, {}};
  const std::size_t n = batch.plan.items.size();
  if (n == 0) co_return Done{};
  batch.limits = image_limits(limits, batch.plan.images);
  batch.ready.resize(n);
  batch.errors.resize(n);
  batch.failed.resize(n);
  std::size_t urls = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const MediaItem& item = batch.plan.items[i];
    if (!item.fetch || item.same_as != i || ++urls <= limits::kMediaFetchesMax) continue;
    Error e;
    e.code = Code::invalid_request;
    e.message = "is one too many: at most " + std::to_string(limits::kMediaFetchesMax) +
                " URLs are fetched for a request";
    co_return std::unexpected(located(request, item, std::move(e)));
  }
  auto done = co_await run(batch);
  if (done) done = co_await fit_together(batch, limits.request_bytes_max);
  const auto count = [&](std::string_view action, int times) {
    if (times > 0) deps_.shard.number(kMedia, "action=\"" + std::string(action) + "\"").add(times);
  };
  count("fetched", batch.done.fetched);
  count("cached", batch.done.cached);
  count("scaled", batch.done.scaled);
  count("refused", done ? 0 : 1);
  CO_TRY(done);
  for (MediaItem& item : batch.plan.items) {
    const ReadyMedia& m = *batch.ready[item.same_as];
    llm::Block& b = *item.block;
    b.media_type = media::mime(m.type);
    b.kind = m.type == media::Type::pdf ? llm::Block::Kind::document : llm::Block::Kind::image;
    if (m.text.empty()) continue;
    b.data = request.arena.keep(std::string(m.text));
    b.url = {};
  }
  co_return batch.done;
}

}  // namespace pb::gateway
