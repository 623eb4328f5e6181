#include "gateway/shared/company.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "gateway/shared/scripts.h"

namespace pb::gateway::shared {
namespace asio = boost::asio;
using net::redis::Reply;
namespace {

constexpr auto kEvery = std::chrono::milliseconds(250);
constexpr int kAliveMs = 3000;  // a replica counts for so long after it was last heard of
constexpr int kGoneMs = 5000;   // what it holds is given back after so long

constexpr metrics::Family kUp{"patchbay_shared_up",
                              "Whether limits are shared with other replicas (Redis can be reached).",
                              metrics::Type::gauge};
constexpr metrics::Family kReplicas{"patchbay_shared_replicas", "Replicas seen last, this one included.",
                                    metrics::Type::gauge};
constexpr metrics::Family kOutages{"patchbay_shared_outages_total", "Times that Redis went out of reach.",
                                   metrics::Type::counter};

class Speaker final : public Company {
 public:
  explicit Speaker(CompanyDeps deps)
      : deps_(std::move(deps)), deployments_(deps_.board), timer_(deps_.io), process_(ids::make("")) {
    deps_.replicas.on_all_ready = [this] { asio::post(deps_.io, [this] { timer_.cancel(); }); };
  }

  void start() override {
    running_ = true;
    asio::co_spawn(deps_.io, run(), [this](std::exception_ptr e) {
      running_ = false;
      if (e) log::error(log::Module::gateway, "telling other replicas ended by an exception");
    });
  }
  bool stopped() const override { return !running_; }

  Task<void> leave() override {
    leaving_ = true;
    timer_.cancel();
    if (!deps_.client.ready()) co_return;
    const Replicas& r = deps_.replicas;
    const std::string& me = r.options().replica;
    co_await deps_.client.call({"DEL", r.key("deployments", me)});
    co_await deps_.client.call({"HDEL", r.key("processes"), me});
    co_await deps_.client.call({"ZREM", r.key("replicas"), me});
  }

 private:
  Task<void> run() {
    while (!leaving_) {
      if (deps_.replicas.all_ready()) co_await beat();
      gauges();
      if (leaving_) break;
      timer_.expires_after(kEvery);
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  void gauges() {
    const State s = deps_.replicas.state();
    deps_.shard.number(kUp, "").set(s.up ? 1 : 0);
    deps_.shard.number(kReplicas, "").set(s.replicas);
    deps_.shard.number(kOutages, "").set(deps_.replicas.outages() - 1);
  }

  Task<void> beat() {
    Replicas& r = deps_.replicas;
    const bool anew = r.epoch() == 0;
    for (const auto& [name, drained] : deployments_.drained_here(anew)) {
      std::vector<std::string> command = {drained ? "HSET" : "HDEL", r.key("drained"), name};
      if (drained) command.emplace_back("1");
      co_await deps_.client.call(std::move(command));
    }
    std::vector<std::string> keys = {r.key("replicas"), r.key("uses:"), r.key("deployments:"),
                                     r.key("drained"), r.key("processes")};
    std::vector<std::string> args = {r.options().replica, std::to_string(kAliveMs), std::to_string(kGoneMs),
                                     deployments_.tell(steady_ms()), process_};
    const auto got = co_await deps_.client.call(shared::beat(), std::move(keys), std::move(args));
    if (!got) co_return;  // the line's own state says so
    if (got->is_error()) co_return r.lost(got->text.substr(0, 200));
    const std::vector<Reply>& parts = got->items;
    if (parts.size() == 1)
      co_return r.lost(
          "this replica's name is in use: it has just ended without a word, or another process has the same "
          "data folder");
    if (parts.size() != 3) co_return r.lost("an answer that cannot be used");
    std::vector<std::string_view> others;
    for (const Reply& told : parts[1].items) others.push_back(told.text);
    deployments_.hear(others, steady_ms());
    std::set<std::string, std::less<>> drained;
    for (const Reply& name : parts[2].items) drained.insert(name.text);
    deployments_.hear_drained(drained);
    const int replicas = static_cast<int>(parts[0].integer);
    if (!anew) co_return r.counted(replicas);
    if (!r.all_ready()) co_return;  // a line broke meanwhile
    r.found(replicas);
    gauges();
    co_await settle_all();
  }

  // What was used while Redis was out of reach is told at once, not when a limit is next asked for.
  Task<void> settle_all() {
    const std::uint64_t epoch = deps_.replicas.epoch();
    std::size_t settled = 0;
    for (auto& limiter : deps_.replicas.remembered()) {
      if (epoch == 0 || deps_.replicas.epoch() != epoch || leaving_) co_return;
      const bool done = co_await deps_.agree(std::move(limiter), epoch);
      settled += done ? 1 : 0;
    }
    if (settled != 0)
      log::info(log::Module::gateway, "what was used meanwhile is settled",
                {{"limits", static_cast<unsigned long>(settled)}});
  }

  CompanyDeps deps_;
  Deployments deployments_;
  asio::steady_timer timer_;
  const std::string process_;  // this one, among those that have had the replica's name
  bool running_ = false, leaving_ = false;
};

}  // namespace

std::unique_ptr<Company> create_company(CompanyDeps deps) {
  return std::make_unique<Speaker>(std::move(deps));
}

}  // namespace pb::gateway::shared
