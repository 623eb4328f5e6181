#include "gateway/model_lists.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits_cache.h"
#include "base/log.h"
#include "base/whole_file.h"
#include "gateway/gateway.h"

namespace pb::gateway {
namespace asio = boost::asio;
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kIdBytesMax = 256;
constexpr std::size_t kFileBytesMax = 64u << 20;
constexpr std::int64_t kTryAgainMs = 30'000;  // a provider that could not tell
constexpr auto kFirstWait = std::chrono::milliseconds(1'000);

std::int64_t first_number(json::Value v, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const std::int64_t n = v[name].as_int(); n > 0) return n;
  return 0;
}

}  // namespace

std::string_view model_list_path(const llm::Dialect& dialect) {
  return dialect.name == "ollama" || dialect.door_of == "ollama" ? "/api/tags"
         : dialect.name == "cohere"                              ? "/v1/models"
         : dialect.name == "anthropic"                           ? "/v1/models?limit=1000"
                                                                 : "/models";
}

Result<std::vector<ToldModel>> read_model_list(std::string_view page) {
  json::Arena arena;
  TRY_ASSIGN(const json::Value root, json::parse(page, arena));
  json::Value list = root.is_array() ? root : root["data"];
  if (!list.is_array()) list = root["models"];
  if (!list.is_array())
    return fail(Code::bad_upstream, "the list of models is none: it has neither `data` nor `models`");
  std::vector<ToldModel> out;
  for (const json::Value& m : list.items()) {
    std::string_view id = m["id"].as_string(m["name"].as_string(m["model"].as_string()));
    if (id.starts_with("models/")) id.remove_prefix(7);
    if (id.empty() || id.size() > kIdBytesMax) continue;
    out.push_back({std::string(id),
                   first_number(m, {"context_length", "max_context_length", "context_window",
                                    "max_input_tokens", "inputTokenLimit"}),
                   first_number(m, {"max_output_tokens", "max_completion_tokens", "outputTokenLimit"})});
    if (out.size() >= limits::kModelListMax) break;
  }
  return out;
}

std::string write_lists(const ListsByProvider& lists) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("version", kVersion);
  w.key("lists");
  w.begin_object();
  for (const auto& [name, list] : lists) {
    w.key(name);
    w.begin_object();
    w.field("base_url", std::string_view(list->base_url));
    w.field("fetched_ms", list->fetched_ms);
    w.key("models");
    w.begin_array();
    for (const ToldModel& m : list->models) {
      w.begin_object();
      w.field("id", std::string_view(m.id));
      if (m.context != 0) w.field("context_length", m.context);
      if (m.output_max != 0) w.field("max_output_tokens", m.output_max);
      w.end_object();
    }
    w.end_array();
    w.end_object();
  }
  w.end_object();
  w.end_object();
  return out + "\n";
}

ListsByProvider parse_lists(std::string_view text) {
  ListsByProvider out;
  json::Arena arena;
  const auto root = json::parse(text, arena);
  if (!root || (*root)["version"].as_int() != kVersion) return out;
  for (const json::Member& m : (*root)["lists"].members()) {
    auto list = std::make_shared<ModelList>();
    list->base_url = m.value["base_url"].as_string();
    list->fetched_ms = m.value["fetched_ms"].as_int();
    if (auto models = read_model_list(json::to_text(m.value))) list->models = std::move(*models);
    out[std::string(m.key)] = std::move(list);
  }
  return out;
}

ModelLists::ModelLists(std::string path, net::BlockingPool& pool) : path_(std::move(path)), pool_(pool) {
  if (path_.empty()) return;
  if (const auto text = read_whole(path_, kFileBytesMax); text && *text) lists_ = parse_lists(**text);
  wanted_ = !lists_.empty();  // they have been of use before
}

std::shared_ptr<const ModelList> ModelLists::of(const config::Provider& provider) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(provider.name);
  if (found == lists_.end() || found->second->base_url != provider.base_url) return nullptr;
  return found->second;
}

// With mutex_ held.
bool ModelLists::stale(const config::Provider& provider, const config::ModelLists& options,
                       std::int64_t now) const {
  if (!options.fetch) return false;
  const auto tried = tried_ms_.find(provider.name);
  if (tried != tried_ms_.end() &&
      now - tried->second < std::min<std::int64_t>(kTryAgainMs, options.refresh_ms))
    return false;
  const auto list = lists_.find(provider.name);
  return list == lists_.end() || list->second->base_url != provider.base_url ||
         now - list->second->fetched_ms >= options.refresh_ms;
}

bool ModelLists::want(const Snapshot& snapshot, std::int64_t now, std::function<void()> done) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (!fetches_) return false;
    const bool any = std::ranges::any_of(snapshot.upstreams(), [&](const Upstream& u) {
      return stale(*u.provider, snapshot.config().model_lists, now);
    });
    if (!any) return false;
    wanted_ = true;
    if (done) waiting_.push_back(std::move(done));
    wake = wake_;
  }
  if (wake) wake();
  return true;
}

// Other cores may be asked before the one that fetches has begun to run.
Task<void> ModelLists::keep_fresh(Gateway& gateway) {
  {
    const std::lock_guard lock(mutex_);
    fetches_ = true;
  }
  return fetch_for_ever(gateway);
}

Task<void> ModelLists::fetch_for_ever(Gateway& gateway) {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer =
      std::make_shared<asio::steady_timer>(executor);  // shared with who wakes it, from other cores
  {
    const std::lock_guard lock(mutex_);
    wake_ = [timer, executor] { asio::post(executor, [timer] { timer->cancel(); }); };
  }
  // Timers must not outlive their event loops, with which this frame goes.
  struct AtEnd {
    ModelLists& lists;
    ~AtEnd() {
      const std::lock_guard lock(lists.mutex_);
      lists.wake_ = nullptr;
      lists.fetches_ = false;
      lists.waiting_.clear();
    }
  } at_end{*this};
  for (;;) {
    std::vector<std::function<void()>> waiting;
    bool wanted = false;
    {
      const std::lock_guard lock(mutex_);
      wanted = std::exchange(wanted_, false);
      waiting = std::exchange(waiting_, {});
    }
    if (wanted) co_await fetch_stale(gateway);
    for (const auto& done : waiting) done();
    if (wanted) continue;  // somebody may have come meanwhile
    timer->expires_after(std::chrono::hours(24));
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

// One after the other: the timeouts of pages bound each.
Task<void> ModelLists::fetch_stale(Gateway& gateway) {
  const auto snapshot = gateway.snapshot_in_use();
  bool any = false;
  for (const Upstream& upstream : snapshot->upstreams()) {
    const config::Provider& provider = *upstream.provider;
    {
      const std::lock_guard lock(mutex_);
      if (!stale(provider, snapshot->config().model_lists, unix_ms())) continue;
      tried_ms_[provider.name] = unix_ms();
    }
    const llm::Dialect& dialect = *provider.formats.front().dialect;
    auto page = co_await gateway.page(upstream, dialect, model_list_path(dialect), {});
    auto models = page ? read_model_list(*page) : std::unexpected(std::move(page.error()));
    if (!models) {
      log::debug(log::Module::gateway, "a provider's list of models could not be had",
                 {{"provider", provider.name}, {"what", models.error().message}});
      continue;
    }
    put(provider.name, {provider.base_url, unix_ms(), std::move(*models)});
    any = true;
  }
  if (any && !path_.empty()) pool_.post([this] { write(); });
}

Task<void> freshen(ModelLists* lists, std::shared_ptr<const Snapshot> snapshot) {
  if (lists == nullptr) co_return;
  const bool unknown = std::ranges::any_of(
      snapshot->upstreams(), [&](const Upstream& u) { return lists->of(*u.provider) == nullptr; });
  if (!unknown) {
    lists->want(*snapshot, unix_ms(), nullptr);
    co_return;
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor, kFirstWait);  // shared with who wakes it
  const auto done = std::make_shared<std::atomic<bool>>(false);
  if (!lists->want(*snapshot, unix_ms(), [timer, executor, done] {
        *done = true;
        asio::post(executor, [timer] { timer->cancel(); });
      }))
    co_return;
  const auto until = timer->expiry();
  while (!*done && std::chrono::steady_clock::now() < until)
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

void ModelLists::put(const std::string& provider, ModelList list) {
  const std::lock_guard lock(mutex_);
  lists_[provider] = std::make_shared<const ModelList>(std::move(list));
}

// On a thread of the pool.
void ModelLists::write() {
  const std::lock_guard one(writing_);
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = write_lists(lists_);
  }
  if (auto done = replace_file(path_, text); !done)
    log::warn(log::Module::gateway, "the lists of models cannot be written",
              {{"file", path_}, {"what", done.error().message}});
}

}  // namespace pb::gateway
