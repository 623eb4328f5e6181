#include "gateway/hedge.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/booked.h"
#include "gateway/use.h"

namespace pb::gateway {
namespace asio = boost::asio;

bool Race::claim(int lane) {
  if (winner_ < 0) {
    winner_ = lane;
    if (cancel_[1 - lane]) cancel_[1 - lane]();
  }
  return winner_ == lane;
}

std::optional<int> hedge_after_ms(const Exchange& x, const Plan& plan) {
  if (plan.route() == nullptr || !plan.route()->hedge.on || x.resume || x.attempts > 1 || !plan.more())
    return std::nullopt;
  if (const int fixed = plan.route()->hedge.after_ms; fixed > 0) return fixed;
  const double p95 = x.route.live->first_tokens_ms.percentile(0.95);
  if (p95 < 0) return std::nullopt;
  return std::max(1, static_cast<int>(p95));
}

// The attempts under way; lives in hedge()'s frame and outlives them.
class Hedged {
 public:
  Hedged(asio::any_io_executor executor, const Attempt& attempt)
      : executor_(std::move(executor)), attempt_(attempt), ended_(executor_) {}

  void launch(Exchange& x, int lane) {
    x.race = &race_;
    x.lane = lane;
    race_.cancel_[lane] = [this, lane] { signals_[lane].emit(asio::cancellation_type::terminal); };
    ++running_;
    asio::co_spawn(executor_, attempt_(x),
                   asio::bind_cancellation_slot(signals_[lane].slot(),
                                                [this, lane](std::exception_ptr fault, Attempted result) {
                                                  if (fault) {
                                                    Error e;
                                                    e.code = Code::cancelled;
                                                    result = Failure{std::move(e)};
                                                  }
                                                  done_[lane] = std::move(result);
                                                  --running_;
                                                  ended_.cancel();
                                                }));
  }
  // Until one more has ended, at most `ms` (-1 = however long).
  Task<void> wait(int ms) {
    ended_.expires_after(ms < 0 ? std::chrono::hours(24) : std::chrono::milliseconds(ms));
    co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  // When the client has gone: ends both and waits for them, for they use this frame.
  Task<void> end() {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    for (auto& signal : signals_) signal.emit(asio::cancellation_type::terminal);
    while (running_ > 0) co_await wait(-1);
  }

  Race& race() { return race_; }
  int running() const { return running_; }
  std::optional<Attempted>& done(int lane) { return done_[lane]; }

 private:
  asio::any_io_executor executor_;
  const Attempt& attempt_;
  Race race_;
  asio::cancellation_signal signals_[2];
  int running_ = 0;
  std::optional<Attempted> done_[2];
  asio::steady_timer ended_;
};

namespace {

// The second attempt's own copy of what the first one changes under way.
struct Second {
  explicit Second(const Exchange& x)
      : record(x.record.books(), x.client.name, x.record.id(), x.caller),
        out(x.out, record),
        y{x.snapshot, x.client, request, out,     x.http,   x.sweeper,
          record,     x.peek,   {},      x.array, x.recall, x.caller} {
    record.stand_for(x.record);
    record.asked_model = x.record.asked_model;
    record.stream = x.record.stream;
    record.uncounted.dialect = &x.client;
    record.hold().estimate = x.record.hold().estimate;  // its provider has limits of its own
    y.media = x.media;
    y.blocking = x.blocking;
    y.pinger = x.pinger;
    y.may_switch = true;
    y.first_token_ms = x.first_token_ms;
    y.attempts = x.attempts + 1;
  }
  net::Request request;
  Record record;
  BookedResponder out;
  Exchange y;
};

Task<Attempted> run(Exchange& x, Plan& plan, Hedged& lanes, int after_ms, net::Request original, bool& gone) {
  co_await asio::this_coro::throw_if_cancelled(false);
  lanes.launch(x, 0);
  co_await lanes.wait(after_ms);
  gone = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
  if (gone) co_return std::nullopt;
  route::Board& board = x.snapshot.board();
  bool probe = false;
  std::optional<Route> next;
  if (lanes.running() == 1 && lanes.race().winner() < 0 && board.hedges.take())
    next = plan.next(steady_ms(), probe);
  if (!next) {
    while (!lanes.done(0)) {
      co_await lanes.wait(-1);
      gone = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
      if (gone) co_return std::nullopt;
    }
    co_return std::move(*lanes.done(0));
  }
  Second second(x);
  second.request = std::move(original);
  second.y.route = std::move(*next);
  second.record.routed(x.snapshot, second.y.route);
  log::info(log::Module::gateway, "asking a second deployment",
            {{"id", x.record.id()},
             {"provider", second.y.route.upstream->provider->name},
             {"model", second.y.route.model},
             {"after_ms", after_ms}});
  const std::int64_t began = steady_ms();
  Use use(*second.y.route.live, probe);
  lanes.launch(second.y, 1);
  while (lanes.running() > 0) {
    co_await lanes.wait(-1);
    gone = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    if (gone) {  // the second one's parts are in this frame
      co_await lanes.end();
      co_return std::nullopt;
    }
  }
  ++x.attempts;
  const route::BreakerOptions& breaker = x.snapshot.config().breaker;
  if (lanes.race().winner() == 1) {
    use.answered(second.record, breaker, began, steady_ms());
    x.record.adopt(second.record);
    x.route = second.y.route;
    co_return std::move(*lanes.done(1));
  }
  if (const Attempted& failed = *lanes.done(1); failed && failed->error.code != Code::cancelled)
    use.failed(route::classify(failed->error), failed->error, breaker, steady_ms());
  co_return std::move(*lanes.done(0));
}

}  // namespace

Task<Attempted> hedge(Exchange& x, Plan& plan, const Attempt& attempt, int after_ms) {
  Hedged lanes(co_await asio::this_coro::executor, attempt);
  x.snapshot.board().hedges.earn(plan.route()->hedge.share);
  bool gone = false;
  auto result = co_await run(x, plan, lanes, after_ms, x.request, gone);
  x.race = nullptr;
  co_await asio::this_coro::throw_if_cancelled(true);
  if (gone) {
    co_await lanes.end();
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return result;
}

}  // namespace pb::gateway
