#include "gateway/admission.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/utf8.h"
#include "gateway/present.h"
#include "llm/tool_names.h"

namespace pb::gateway {
namespace {

constexpr std::int64_t kBytesPerToken =
    3;  // fewer than most texts have: the estimate is to be rather too high
constexpr std::int64_t kTokensPerFile = 1600;
constexpr std::int64_t kFileBytesMin = 512;  // of base64 that is no text

// The configuration has this very name, so whoever may use the name may use what it stands for.
bool named(const Snapshot& s, std::string_view model) {
  return s.names().contains(model) ||
         std::ranges::any_of(s.patterns(), [&](const Pattern& p) { return model.starts_with(p.prefix); });
}

Error no_right(std::string_view what, std::string_view name, const char* param) {
  Error e = fail(Code::permission_denied,
                 "this key may not use the " + std::string(what) + " `" +
                     std::string(utf8::beginning(name, 200)) + "`",
                 param)
                .error();
  e.provider_code = std::string(what) + "_not_allowed";
  return e;
}

bool is_base64(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/' ||
         c == '=' || c == '-' || c == '_';
}

// Whether what ends here opens a string of base64: a data URL, or a member `data`.
bool opens_file(std::string_view before) {
  return before.ends_with(";base64,") || before.ends_with("\"data\":\"") || before.ends_with("\"data\": \"");
}

// Bytes of images and documents inside the body, which cost tokens by the piece. A file is longer than the distance between two
// looks, and words are not: of a conversation in words hardly anything is read.
std::int64_t file_bytes(std::string_view body, std::int64_t& files) {
  constexpr std::size_t kLook = kFileBytesMin / 2, kWord = 32;
  std::int64_t bytes = 0;
  for (std::size_t at = kLook; at < body.size(); at += kLook) {
    if (!std::ranges::all_of(body.substr(at - kWord, kWord), is_base64)) continue;
    const auto* const end =
        std::find_if_not(body.begin() + static_cast<std::ptrdiff_t>(at), body.end(), is_base64);
    const auto* begin = body.begin() + static_cast<std::ptrdiff_t>(at - kWord);
    while (begin > body.begin() && is_base64(begin[-1])) --begin;
    at = static_cast<std::size_t>(end - body.begin());
    if (end - begin < kFileBytesMin || !opens_file({body.begin(), begin})) continue;
    bytes += end - begin;
    ++files;
  }
  return bytes;
}

// The dearest of what the name may lead to.
double price(const Snapshot& s, const Meaning& m, std::int64_t input, std::int64_t output) {
  llm::Usage usage;
  usage.input = input;
  usage.output = output;
  double most = 0;
  const auto look = [&](const std::optional<llm::ModelPrice>& p) {
    if (p) most = std::max(most, llm::cost_of(*p, usage));
  };
  if (m.pool == nullptr)
    look(price_of(s.config(), *s.upstreams()[m.target.upstream].provider, m.target.model));
  else
    for (const route::Slot& slot : m.pool->slots) look(slot.price);
  return most;
}

// Of a key's and its team's, the one with less left.
void take_tighter(route::Standing::Of& of, const route::Standing::Of& other) {
  if (other.limit > 0 && (of.limit == 0 || other.left < of.left)) of = other;
}

void add_reply(const Exchange& x, Caller& caller, route::Moment now) {
  route::Standing s = caller.key->use->limiter.standing(now);
  if (caller.key->team != nullptr) {
    const route::Standing team = caller.key->team->limiter.standing(now);
    take_tighter(s.requests, team.requests);
    take_tighter(s.tokens, team.tokens);
  }
  limit_headers(s, x.client.name == "anthropic", now.unix_ms, caller.reply);
}

}  // namespace

std::optional<Error> rights_fault(const Caller& caller, const Snapshot& snapshot, std::string_view asked,
                                  const Meaning* meaning, bool by_rule) {
  if (caller.key == nullptr || !caller.key->restricted()) return std::nullopt;
  std::vector<std::string> names;
  if (by_rule || named(snapshot, asked)) names.emplace_back(asked);
  if (meaning != nullptr && meaning->pool != nullptr) {
    names.push_back(meaning->pool->route->name);
  } else if (meaning != nullptr) {
    names.push_back(meaning->target.model);
    names.push_back(snapshot.upstreams()[meaning->target.upstream].provider->name + "/" +
                    meaning->target.model);
  }
  if (caller.key->allows_model(names)) return std::nullopt;
  return no_right("model", asked, "model");
}

bool may_use_tool(const Caller& caller, std::string_view name) {
  return caller.key == nullptr || caller.key->key.tools.empty() || caller.key->allows_tool(name);
}

std::optional<Error> tools_fault(const Caller& caller, std::string_view body) {
  if (caller.key == nullptr || caller.key->key.tools.empty()) return std::nullopt;
  for (const std::string& name : llm::tool_names(body))
    if (!may_use_tool(caller, name)) return no_right("tool", name, "tools");
  return std::nullopt;
}

bool may_see(const Caller& caller, std::string_view id, std::string_view provider) {
  if (caller.key == nullptr || !caller.key->restricted()) return true;
  std::vector<std::string> names = {std::string(id), std::string(provider) + "/" + std::string(id)};
  if (const std::size_t slash = id.find('/'); slash != id.npos) names.emplace_back(id.substr(slash + 1));
  return caller.key->allows_model(names);
}

route::Estimate estimate(const Snapshot& snapshot, const Meaning& meaning, std::string_view body,
                         std::int64_t answer_max, std::int64_t answer_tokens, std::int64_t& prompt_tokens) {
  std::int64_t files = 0;
  const std::int64_t text = static_cast<std::int64_t>(body.size()) - file_bytes(body, files);
  prompt_tokens = text / kBytesPerToken + 1 + files * kTokensPerFile;
  const std::int64_t answer = answer_tokens == 0 ? 0 : answer_max > 0 ? answer_max : answer_tokens;
  return {prompt_tokens + answer, price(snapshot, meaning, prompt_tokens, answer)};
}

namespace {

// A place under the limits, of this process or of all replicas.
Task<shared::Place> take(shared::Line* line, shared::Limiters limiters, route::Estimate e) {
  if (line == nullptr) co_return route::reserve(limiters, e, present());
  co_return co_await line->reserve(limiters, e);
}

}  // namespace

Task<std::optional<Error>> admit(Exchange& x, Admission admission, const Result<Meaning>& meaning,
                                 bool by_rule, std::int64_t answer_tokens) {
  Caller& caller = admission.caller;
  if (auto fault = rights_fault(caller, x.snapshot, x.peek.model, meaning ? &*meaning : nullptr, by_rule))
    co_return fault;
  if (!meaning) co_return meaning.error();
  if (auto fault = tools_fault(caller, x.request.body)) co_return fault;
  if (admission.keys == nullptr) co_return std::nullopt;
  Hold hold;
  hold.alerts = &admission.keys->alerts;
  hold.prompt_tokens = static_cast<std::int64_t>(x.request.body.size()) / kBytesPerToken + 1;
  const KeyEntry* own = caller.key;
  const auto weighs = [](const route::Slot& s) { return s.live->limiter->weighs(); };
  if (admission.keys->weighs() ||
      (meaning->pool != nullptr && meaning->pool->limited &&
       std::ranges::any_of(meaning->pool->slots, weighs)) ||
      (own != nullptr &&
       (own->use->limiter.weighs() || (own->team != nullptr && own->team->limiter.weighs()))))
    hold.estimate =
        estimate(x.snapshot, *meaning, x.request.body, x.peek.answer_max, answer_tokens, hold.prompt_tokens);
  if (caller.key != nullptr) {
    const KeyEntry& key = *caller.key;
    const std::shared_ptr<route::Limiter> limiters[] = {
        {key.use, &key.use->limiter},
        key.team == nullptr ? nullptr : std::shared_ptr<route::Limiter>(key.team, &key.team->limiter)};
    auto place = co_await take(admission.shared, limiters, hold.estimate);
    const route::Moment now = present();
    add_reply(x, caller, now);
    if (!place) {
      if (place.error().retry_after_ms < 0 || place.error().limit == route::Limit::budget)
        caller.reply.set("x-should-retry", "false");
      co_return refusal_error(place.error());
    }
    hold.caller = std::move(*place);
    key.use->used_ms.store(now.unix_ms, std::memory_order_relaxed);
  }
  x.record.admitted(caller.team(), std::move(hold));
  co_return std::nullopt;
}

bool provider_limits(const Exchange& x, bool keys) {
  return (keys && !x.route.upstream->provider->limits.limits().empty()) ||
         (x.route.pool != nullptr && x.route.pool->limited) || x.record.hold().provider.held();
}

Task<std::optional<Error>> admit_provider(Exchange& x, KeyRing* keys, shared::Line* shared) {
  const config::Provider& provider = *x.route.upstream->provider;
  Hold& hold = x.record.hold();
  hold.provider.settle(0, 0);  // of the attempt before, which has brought nothing but was made
  const std::shared_ptr<route::Limiter> limiters[] = {
      keys == nullptr || provider.limits.limits().empty() ? nullptr : keys->provider(provider.name),
      x.route.pool == nullptr || !x.route.pool->limited ? nullptr : x.route.live->limiter};
  if (limiters[0] == nullptr && limiters[1] == nullptr) co_return std::nullopt;
  constexpr std::int64_t kLookEveryMs = 20;
  std::int64_t left_ms = provider.queue_ms;
  for (;;) {
    auto place = co_await take(shared, limiters, hold.estimate);
    if (place) {
      hold.provider = std::move(*place);
      co_return std::nullopt;
    }
    // Places become free when other requests end, whenever that is.
    const std::int64_t wait =
        place.error().retry_after_ms <= 1000 ? kLookEveryMs : place.error().retry_after_ms;
    // Another deployment is there at once.
    const bool elsewhere = place.error().limiter == limiters[1].get() && x.may_switch;
    if (place.error().retry_after_ms < 0 || wait > left_ms || elsewhere)
      co_return refusal_error(place.error());
    left_ms -= wait;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(wait));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

Error refusal_error(const route::Refusal& r) {
  using route::Limit;
  const auto whole = [&] { return std::to_string(static_cast<long long>(r.most)); };
  std::string what;
  switch (r.limit) {
    case Limit::requests_per_minute:
      what = whole() + " requests a minute";
      break;
    case Limit::tokens_per_minute:
      what = whole() + " tokens a minute";
      break;
    case Limit::requests_per_day:
      what = whole() + " requests a day";
      break;
    case Limit::tokens_per_day:
      what = whole() + " tokens a day";
      break;
    case Limit::concurrency:
      what = whole() + " requests at a time";
      break;
    case Limit::budget: {
      char text[64];
      std::snprintf(text, sizeof text, "a budget of $%.2f", r.most);
      what = text;
      what += r.per == route::Period::day ? " a day" : r.per == route::Period::month ? " a month" : "";
      break;
    }
  }
  Error e;
  e.code = Code::rate_limited;
  e.message = std::string(to_string(r.limiter->subject)) + " " + r.limiter->name + " has used up its " +
              (r.part ? "share, while the other replicas cannot be asked, of " : "limit of ") + what +
              (r.limit == Limit::budget ? "" : "; try again later");
  // A provider's: the deployment is left for another one for a while, and for no longer than a change of the limit may take.
  const bool own = r.limiter->subject == route::Subject::provider;
  const bool money = r.limit == Limit::budget && !own;
  e.provider_code = money ? "insufficient_quota" : "rate_limit_exceeded";
  const std::int64_t most_ms = own ? 60'000 : 2'000'000'000;
  e.retry_after_ms =
      static_cast<int>(std::min(own && r.retry_after_ms < 0 ? most_ms : r.retry_after_ms, most_ms));
  e.retryable = !money && e.retry_after_ms >= 0;
  return e;
}

}  // namespace pb::gateway
