#include "gateway/attempts.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/ids.h"
#include "base/log.h"
#include "route/fault.h"

namespace pb::gateway {
namespace {

// A request on its way at a deployment. Dropped without a word (the client went away), it has told nothing about it.
class Use {
 public:
  Use(route::Live& live, bool probe) : live_(live), probe_(probe) {
    live_.in_flight.fetch_add(1, std::memory_order_relaxed);
  }
  ~Use() {
    live_.in_flight.fetch_sub(1, std::memory_order_relaxed);
    if (!told_ && probe_) live_.breaker.withdraw();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  void answered(const Record& record, std::int64_t began_ms, std::int64_t now_ms) {
    told_ = true;
    live_.answered.fetch_add(1, std::memory_order_relaxed);
    live_.breaker.succeeded();
    live_.success.add(1, now_ms);
    const std::int64_t first = record.first_token_ms();
    const auto wait = static_cast<double>((first >= began_ms ? first : now_ms) - began_ms);
    live_.first_token_ms.add(wait, now_ms);
    live_.first_tokens_ms.add(static_cast<float>(wait));
    if (first >= began_ms && record.usage.known && now_ms > first)
      live_.tokens_per_second.add(
          static_cast<double>(record.usage.output) * 1000 / static_cast<double>(now_ms - first), now_ms);
  }

  void failed(route::Fault fault, const Error& error, const route::BreakerOptions& options,
              std::int64_t now_ms) {
    const route::Action& action = route::action(fault);
    if (action.cools) {
      constexpr int kUnknownMs = 5'000;
      const int wait = error.retry_after_ms >= 0 ? error.retry_after_ms : kUnknownMs;
      live_.cool_until_ms.store(now_ms + wait, std::memory_order_relaxed);
    }
    if (!action.counts) return;
    told_ = true;
    live_.failed.fetch_add(1, std::memory_order_relaxed);
    live_.success.add(0, now_ms);
    live_.breaker.failed(options, now_ms, false, error.retry_after_ms);
  }

 private:
  route::Live& live_;
  bool probe_;
  bool told_ = false;
};

Task<void> sleep(int ms) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(ms));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

// Of several failures the client is told the one that says most about what it can do: the first that will pass, else the first.
void keep(std::optional<Failure>& kept, Failure&& failure) {
  const auto passes = [](const Failure& f) { return route::action(route::classify(f.error)).retry; };
  if (!kept || (!passes(*kept) && passes(failure))) kept = std::move(failure);
}

void log_switch(const Exchange& x, const Error& error, route::Fault fault, int wait_ms) {
  log::warn(log::Module::gateway, wait_ms >= 0 ? "trying again" : "deployment failed",
            {{"id", x.record.id()},
             {"provider", x.route.upstream->provider->name},
             {"model", x.route.model},
             {"fault", route::action(fault).name},
             {"what", error.message},
             {"wait_ms", wait_ms}});
}

}  // namespace

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Task<void> run_attempts(Exchange& x, Plan& plan, Attempt attempt) {
  const config::Config& config = x.snapshot.config();
  const route::Retries& retries =
      plan.route() != nullptr && plan.route()->retries ? *plan.route()->retries : config.retries;
  // Who asks for a provider's model by name gets its answers as they are: clients have retries of their own.
  const int retries_max = plan.plain() ? 0 : retries.attempts;
  if (!plan.plain()) x.snapshot.board().budget.earn(retries.budget);
  std::optional<Pinger> pinger;
  if (x.peek.stream) x.pinger = &pinger.emplace(x);

  std::optional<Failure> kept;
  bool probe = false;
  while (auto next = plan.next(steady_ms(), probe)) {
    x.route = std::move(*next);
    x.record.routed(x.snapshot, x.route);
    x.record.uncounted.dialect = &x.client;
    x.first_token_ms = plan.route() != nullptr ? plan.route()->first_token_ms : 0;
    x.resume =
        plan.route() != nullptr && plan.route()->mid_stream == route::MidStream::resume && x.peek.stream;
    x.reason = x.attempts == 0 ? std::string_view(plan.reason()) : std::string_view();
    bool move_on = true;
    for (int tried = 0;; ++tried) {
      x.may_switch = plan.more() || tried < retries_max;
      ++x.attempts;
      x.record.begin_attempt();
      if (x.pinger != nullptr) x.pinger->touch();
      const std::int64_t began = steady_ms();
      Use use(*x.route.live, probe && tried == 0);
      auto failure = co_await attempt(x);
      const std::int64_t now = steady_ms();
      if (!failure) {
        if (x.record.ok()) use.answered(x.record, began, now);
        co_return;
      }
      const route::Fault fault = route::classify(failure->error);
      const route::Action& action = route::action(fault);
      use.failed(fault, failure->error, config.breaker, now);
      const int asked = failure->error.retry_after_ms;
      int wait = -1;
      // Another deployment is asked at once; the last one is given time.
      if (action.retry && !plan.more() && tried < retries_max && x.snapshot.board().budget.take())
        wait = route::wait_ms(retries, tried + 1, ids::random_unit(), asked);
      move_on = action.move_on;
      const bool again = wait >= 0 || (move_on && plan.more());
      if (again) {
        x.record.attempt_failed(failure->error);
        log_switch(x, failure->error, fault, wait);
      }
      keep(kept, std::move(*failure));
      if (wait < 0) break;
      co_await sleep(wait);
    }
    if (!move_on) break;
  }
  if (x.pinger != nullptr) x.pinger->stop();
  if (kept)
    co_await deliver(x, std::move(*kept));
  else
    co_await send_error(x, plan.nobody(steady_ms()));
}

}  // namespace pb::gateway
