#include "gateway/attempts.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "gateway/hedge.h"
#include "gateway/use.h"
#include "route/fault.h"

namespace pb::gateway {
namespace {

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

Task<void> run_attempts(Exchange& x, Plan& plan, Attempt attempt) {
  const config::Config& config = x.snapshot.config();
  const route::Retries& retries =
      plan.route() != nullptr && plan.route()->retries ? *plan.route()->retries : config.retries;
  // Who asks for a provider's model by name gets its answers as they are: clients have retries of their own.
  const int retries_max = plan.plain() ? 0 : retries.attempts;
  if (!plan.plain()) x.snapshot.board().budget.earn(retries.budget);
  std::optional<Pinger> pinger;
  if (x.peek.stream) x.pinger = &pinger.emplace(x);

  if (plan.route() != nullptr) x.record.led_by(plan.route()->name);
  std::optional<Failure> kept;
  bool probe = false;
  std::int64_t began = steady_ms();
  while (auto next = plan.next(began, probe)) {
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
      route::Live& live = *x.route.live;
      Use use(live, probe && tried == 0);
      const auto second_after = tried == 0 ? hedge_after_ms(x, plan) : std::nullopt;
      Attempted failure =
          second_after ? co_await hedge(x, plan, attempt, *second_after) : co_await attempt(x);
      const std::int64_t now = steady_ms();
      if (!failure) {
        if (x.route.live == &live) use.answered(x.record, config.breaker, began, now);
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
      began = now;
      if (wait < 0) break;
      co_await sleep(wait);
      began = steady_ms();
    }
    if (!move_on) break;
  }
  if (x.pinger != nullptr) x.pinger->stop();
  if (kept)
    co_await deliver(x, std::move(*kept));
  else
    co_await send_error(x, plan.nobody(began));
}

}  // namespace pb::gateway
