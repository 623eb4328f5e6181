#include "gateway/cache/visit.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>

#include "base/clock.h"
#include "gateway/cache/replay.h"
#include "gateway/cache/semantic.h"
#include "gateway/stored.h"

namespace pb::gateway::cache {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kPieceBytes = 64u << 10;  // of a stream that is sent again

Error not_kept() {
  Error e;
  e.code = Code::timeout;
  e.status = 504;  // RFC 9111 §5.2.1.7
  e.provider_code = "not_cached";
  e.message = "no answer to this request is kept, and it says only-if-cached";
  return e;
}

// What has become of a ticket that waits; nullopt after `ms`.
Task<std::optional<Landing>> wait_for(Ticket& ticket, int ms) {
  const auto executor = co_await asio::this_coro::executor;
  // Shared with who wakes it, from another core and perhaps after the wait is over.
  const auto timer = std::make_shared<asio::steady_timer>(executor, std::chrono::milliseconds(ms));
  ticket.on_landing([timer, executor] { asio::post(executor, [timer] { timer->cancel(); }); });
  const auto until = timer->expiry();
  for (;;) {
    if (auto landing = ticket.landing()) co_return landing;
    if (std::chrono::steady_clock::now() >= until) co_return std::nullopt;
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace

std::string space_of(const config::Cache& options, const Caller& caller) {
  if (options.share == "all") return "all";
  if (options.share == "team" && !caller.team().empty()) return "team:" + std::string(caller.team());
  return "key:" + caller.name;
}

// False: no answers to such requests are kept.
bool Visit::prepare(const Exchange& x, const Caller& caller, const Meaning& meaning) {
  const route::Route* route = meaning.pool != nullptr ? meaning.pool->route : nullptr;
  const std::string target =
      route != nullptr
          ? std::string()
          : x.snapshot.upstreams()[meaning.target.upstream].provider->name + "/" + meaning.target.model;
  if (!keeps(options_, route, x.peek.model, target)) return false;
  directives_ = read_directives(x.request.headers.get("cache-control"));
  ttl_ms_ = route != nullptr && route->keep_ms > 0 ? route->keep_ms : options_.ttl_ms;
  space_ = space_of(options_, caller);
  if (route != nullptr) route_ = route->name;
  form_ = dialect_ ? form_wanted(x.client, x.peek.stream, x.array, x.peek.include_usage) : Form::whole;
  const bool portable = cache_->backend().portable_keys();
  const auto asked = read_asked(x.request.body, cache_->seed());
  if (directives_.no_store || !asked || !skip_reason(options_, *asked, format_).empty()) {
    tap_.say(std::string(kBypass));
    return true;
  }
  std::optional<Key> body = asked->hash;
  if (portable) body = portable_hash(x.request.body);
  if (!body) return false;
  tools_ = asked->tools;
  KeyMixer& mixer = mixer_.emplace(cache_->seed(), portable);
  mixer.add(format_);
  mixer.add(space_);
  if (space_.starts_with("key:") && caller.key == nullptr) mixer.add(owner_of(x.request, caller.name));
  mixer.add(x.peek.model);
  mixer.add(target);
  mixer.add(route_);
  mixer.add(meaning.rest);
  for (const char* header : {"anthropic-beta", "openai-beta", "x-patchbay-tags"})
    mixer.add(x.request.headers.get(header));
  key_ = mixer.mix(*body);
  keyed_ = true;
  return true;
}

Task<bool> Visit::answer(Exchange& x, const Caller& caller, const Meaning& meaning, std::string_view format) {
  format_ = format;
  dialect_ = format == x.client.name;
  if (!prepare(x, caller, meaning)) co_return false;
  if (keyed_ && reads())
    if (EntryPtr entry = co_await find(key_);
        entry && co_await replay(x, std::move(entry), kHit, std::string(kHit)))
      co_return true;
  if (directives_.only_if_cached) {
    co_await send_error(x, not_kept());
    co_return true;
  }
  if (!keyed_) {
    count(x.record.books().shard(), kBypass);
    co_return false;
  }
  if (options_.single_flight && reads() && co_await follow(x)) co_return true;
  if (EntryPtr entry = co_await find_similar(x)) {
    char note[40];
    std::snprintf(note, sizeof note, "semantic; similarity=%.2f", static_cast<double>(cosine_));
    if (co_await replay(x, entry, kSemantic, note)) {
      ticket_.land(std::move(entry));
      co_return true;
    }
  }
  tap_.say(std::string(kMiss));
  tap_.record(options_.entry_bytes_max, [this] { ticket_.fail(); });
  count(x.record.books().shard(), kMiss);
  co_return false;
}

// Null where nothing is kept under the key, or it is older than the request wants.
Task<EntryPtr> Visit::find(Key key) {
  const std::int64_t now = unix_ms();
  EntryPtr entry;
  if (auto at_once = cache_->backend().get_now(key, now))
    entry = std::move(*at_once);
  else
    entry = co_await cache_->backend().get(key, now);
  if (entry && directives_.max_age_s >= 0 && now - entry->made_ms > directives_.max_age_s * 1000)
    entry = nullptr;
  co_return entry;
}

// The answer to a question that means the same, in the same conversation.
Task<EntryPtr> Visit::find_similar(const Exchange& x) {
  const config::SemanticCache& semantic = options_.semantic;
  if (gateway_ == nullptr || semantic.embed.empty() || !dialect_ || !reads() || (tools_ && !semantic.tools))
    co_return nullptr;
  auto question = question_of(x.client, x.request.body);
  if (!question) co_return nullptr;
  const auto rest = read_asked(question->rest, cache_->seed());
  if (!rest) co_return nullptr;
  group_ = mixer_->mix(rest->hash);
  vector_ = co_await embed_text(*gateway_, std::string(x.caller), std::move(question->text), semantic);
  if (vector_.empty()) co_return nullptr;
  const auto match = cache_->similar().find(group_, vector_, static_cast<float>(semantic.threshold));
  if (!match) co_return nullptr;
  EntryPtr entry = co_await find(match->entry);
  if (!entry) cache_->similar().remove(group_, match->entry);
  cosine_ = match->cosine;
  co_return entry;
}

// Waits for an equal request under way, if there is one. False: it is for this one to be sent.
Task<bool> Visit::follow(Exchange& x) {
  ticket_ = cache_->flights().join(key_, static_cast<std::size_t>(options_.waiters_max));
  if (ticket_.leads()) {  // what was under way a moment ago may be there now
    auto entry = cache_->backend().get_now(key_, unix_ms());
    if (!entry || *entry == nullptr || !co_await replay(x, *entry, kHit, std::string(kHit))) co_return false;
    ticket_.land(std::move(*entry));
    co_return true;
  }
  if (!ticket_.waits()) co_return false;
  tap_.say(std::string(kShared));
  std::optional<Pinger> pinger;
  if (x.peek.stream) pinger.emplace(x);
  auto landing = co_await wait_for(ticket_, options_.wait_ms);
  pinger.reset();
  if (!landing) ticket_.give_up();
  if (!landing || landing->how != Landing::How::answered) co_return false;
  co_return co_await replay(x, std::move(landing->entry), kShared, std::string(kShared));
}

// False: the entry cannot be told in the form that is asked for.
Task<bool> Visit::replay(Exchange& x, EntryPtr entry, std::string_view how, std::string note) {
  std::optional<std::string> made;
  if (entry->form != form_) {
    if (!dialect_) co_return false;
    made = in_form(*entry, x.client, form_, {x.request.body, x.peek.model, x.client.model_in_path});
    if (!made) co_return false;
  }
  const std::string_view body = made ? *made : entry->body;
  count(x.record.books().shard(), how);
  x.record.from_cache(x.snapshot, how, entry->provider, entry->model);
  if (!entry->route.empty()) x.record.led_by(entry->route);
  x.record.usage = entry->usage;
  x.record.estimated = entry->estimated;
  x.record.status = 200;
  tap_.say(std::move(note));
  net::Headers headers;
  own_headers(x, made ? content_type_of(x.client, form_) : std::string_view(entry->content_type), headers);
  const std::int64_t age_ms = std::max<std::int64_t>(unix_ms() - entry->made_ms, 0);
  headers.add("Age", std::to_string(age_ms / 1000));
  if (!entry->dropped.empty()) headers.add("x-patchbay-dropped", entry->dropped);
  if (form_ == Form::whole) {
    co_await tap_.send(200, headers, body);
    co_return true;
  }
  headers.add("Cache-Control", "no-cache");
  if (!tap_.started()) co_await tap_.start(200, headers);
  std::size_t at = 0;
  for (; body.size() - at > kPieceBytes; at += kPieceBytes) co_await tap_.write(body.substr(at, kPieceBytes));
  co_await tap_.finish(body.substr(at));
  co_return true;
}

Task<void> Visit::keep(Exchange& x) {
  if (!tap_.recording()) {
    ticket_.fail();
    co_return;
  }
  auto entry = std::make_shared<Entry>();
  Entry& e = *entry;
  e.body = std::move(tap_.body());
  const bool good = tap_.complete() && x.record.status == 200 && x.record.ok() &&
                    undo_coding(tap_.coding(), e.body, options_.entry_bytes_max) &&
                    (!dialect_ || is_complete(x.client, form_, e.body));
  if (!good) {
    ticket_.fail();
    co_return;
  }
  e.body.shrink_to_fit();
  e.form = form_;
  e.format = format_;
  e.content_type = tap_.content_type();
  if (e.content_type.empty())
    e.content_type = content_type_of(x.client, form_);  // a ping had begun the answer
  e.dropped = tap_.dropped();
  e.provider = x.record.provider();
  e.model = x.record.model();
  e.asked = x.record.asked_model;
  e.route = route_;
  e.space = space_;
  e.usage = x.record.usage;
  e.estimated = x.record.estimated;
  e.made_ms = unix_ms();
  e.until_ms = e.made_ms + ttl_ms_;
  const EntryPtr kept = std::move(entry);
  const bool put = cache_->backend().put_now(key_, kept);
  ticket_.land(kept);
  if (!vector_.empty())
    cache_->similar().add(group_, key_, std::move(vector_),
                          static_cast<std::size_t>(options_.semantic.entries_max));
  if (!put) co_await cache_->backend().put(key_, kept);
}

}  // namespace pb::gateway::cache
