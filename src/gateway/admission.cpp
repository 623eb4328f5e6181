#include "gateway/admission.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "llm/tool_names.h"

namespace pb::gateway {
namespace {

constexpr std::int64_t kBytesPerToken =
    3;  // fewer than most texts have: the estimate is to be rather too high
constexpr std::int64_t kTokensPerFile = 1600;
constexpr std::int64_t kFileBytesMin = 512;  // of base64 that is no text

route::Moment moment() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count(),
          duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

// The configuration has this very name, so whoever may use the name may use what it stands for.
bool named(const Snapshot& s, std::string_view model) {
  return s.names().contains(model) ||
         std::ranges::any_of(s.patterns(), [&](const Pattern& p) { return model.starts_with(p.prefix); });
}

Error no_right(std::string_view what, std::string_view name, const char* param) {
  Error e =
      fail(Code::permission_denied,
           "this key may not use the " + std::string(what) + " `" + std::string(name.substr(0, 200)) + "`",
           param)
          .error();
  e.provider_code = std::string(what) + "_not_allowed";
  return e;
}

// Bytes of images and documents inside the body, which cost tokens by the piece.
std::int64_t file_bytes(std::string_view body, std::int64_t& files) {
  constexpr std::string_view kMarks[] = {";base64,", "\"data\":\"", "\"data\": \""};
  std::int64_t bytes = 0;
  for (std::string_view mark : kMarks)
    for (std::size_t at = body.find(mark); at != body.npos; at = body.find(mark, at)) {
      at += mark.size();
      const std::size_t end = std::min(body.find('"', at), body.size());
      if (static_cast<std::int64_t>(end - at) < kFileBytesMin) continue;
      bytes += static_cast<std::int64_t>(end - at);
      ++files;
      at = end;
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

std::string seconds_text(std::int64_t ms) {  // "1s", "6m0s", as OpenAI writes them
  const std::int64_t s = (ms + 999) / 1000;
  std::string out;
  if (s >= 3600) out += std::to_string(s / 3600) + "h";
  if (s >= 60) out += std::to_string(s / 60 % 60) + "m";
  return out + std::to_string(s % 60) + "s";
}

std::string time_text(std::int64_t unix_ms) {  // RFC 3339, as Anthropic writes them
  const std::time_t seconds = static_cast<std::time_t>((unix_ms + 999) / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
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

std::optional<Error> tools_fault(const Caller& caller, std::string_view body) {
  if (caller.key == nullptr || caller.key->key.tools.empty()) return std::nullopt;
  for (const std::string& name : llm::tool_names(body))
    if (!caller.key->allows_tool(name)) return no_right("tool", name, "tools");
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

std::optional<Error> admit(Exchange& x, const Admission& admission, const Result<Meaning>& meaning,
                           bool by_rule, std::int64_t answer_tokens) {
  Caller& caller = admission.caller;
  if (auto fault = rights_fault(caller, x.snapshot, x.peek.model, meaning ? &*meaning : nullptr, by_rule))
    return fault;
  if (!meaning) return meaning.error();
  if (auto fault = tools_fault(caller, x.request.body)) return fault;
  if (admission.keys == nullptr) return std::nullopt;
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
    const route::Moment now = moment();
    const KeyEntry& key = *caller.key;
    const std::shared_ptr<route::Limiter> limiters[] = {
        {key.use, &key.use->limiter},
        key.team == nullptr ? nullptr : std::shared_ptr<route::Limiter>(key.team, &key.team->limiter)};
    auto place = route::reserve(limiters, hold.estimate, now);
    add_reply(x, caller, now);
    if (!place) {
      if (place.error().retry_after_ms < 0 || place.error().limit == route::Limit::budget)
        caller.reply.set("x-should-retry", "false");
      return refusal_error(place.error());
    }
    hold.caller = std::move(*place);
    key.use->used_ms.store(now.unix_ms, std::memory_order_relaxed);
  }
  x.record.admitted(caller.team(), std::move(hold));
  return std::nullopt;
}

Task<std::optional<Error>> admit_provider(Exchange& x, KeyRing* keys) {
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
    auto place = route::reserve(limiters, hold.estimate, moment());
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

net::Headers LimitResponder::with(const net::Headers& headers) const {
  net::Headers out = headers;
  for (std::size_t i = 0; i < caller_.reply.size(); ++i) {
    const auto [name, value] = caller_.reply.at(i);
    out.set(name, value);
  }
  return out;
}

Task<void> LimitResponder::send(int status, const net::Headers& headers, std::string_view body) {
  if (caller_.reply.size() == 0) {
    co_await out_.send(status, headers, body);
    co_return;
  }
  const net::Headers more = with(headers);
  co_await out_.send(status, more, body);
}

Task<void> LimitResponder::start(int status, const net::Headers& headers) {
  if (caller_.reply.size() == 0) {
    co_await out_.start(status, headers);
    co_return;
  }
  const net::Headers more = with(headers);
  co_await out_.start(status, more);
}

void limit_headers(const route::Standing& s, bool anthropic, std::int64_t unix_ms, net::Headers& to) {
  const auto add = [&](const char* what, const route::Standing::Of& of) {
    if (of.limit == 0) return;
    const std::string name(what), limit = std::to_string(of.limit), left = std::to_string(of.left);
    if (anthropic) {
      to.set("anthropic-ratelimit-" + name + "-limit", limit);
      to.set("anthropic-ratelimit-" + name + "-remaining", left);
      to.set("anthropic-ratelimit-" + name + "-reset", time_text(unix_ms + of.reset_ms));
    } else {
      to.set("x-ratelimit-limit-" + name, limit);
      to.set("x-ratelimit-remaining-" + name, left);
      to.set("x-ratelimit-reset-" + name, seconds_text(of.reset_ms));
    }
  };
  add("requests", s.requests);
  add("tokens", s.tokens);
  if (s.budget <= 0) return;
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", std::max(0.0, s.budget - s.spent));
  to.set("x-patchbay-budget-remaining", text);
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
  e.message = std::string(to_string(r.limiter->subject)) + " " + r.limiter->name +
              " has used up its limit of " + what + (r.limit == Limit::budget ? "" : "; try again later");
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
