#include "gateway/shared/replicas.h"

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/shared/scripts.h"

namespace pb::gateway::shared {
namespace {

constexpr std::int64_t kStartMs = 1000;
constexpr std::int64_t kForgottenMs = 4000;

}  // namespace

Options options_of(const config::Shared& config, std::string replica, std::size_t cores) {
  Options o;
  if (auto address = net::redis::parse_address(config.url.reveal())) o.redis.address = std::move(*address);
  o.redis.tls_verify = config.tls_verify;
  o.redis.ca_file = config.ca_file;
  o.redis.command_ms = config.timeout_ms;
  o.redis.name = "patchbay-" + replica;
  o.redis.scripts = {&reserve(), &settle(), &agree(), &beat()};
  o.prefix = config.prefix;
  o.replica = std::move(replica);
  o.replicas = config.replicas;
  o.cores = cores;
  return o;
}

Replicas::Replicas(Options options)
    : options_(std::move(options)), began_ms_(steady_ms()), since_(unix_seconds()) {}

std::string Replicas::key(std::string_view kind, std::string_view rest) const {
  std::string out = options_.prefix;
  out.append(":").append(kind);
  return rest.empty() ? out : out.append(":").append(rest);
}

State Replicas::state() const {
  const std::scoped_lock lock(mutex_);
  State s;
  s.up = epoch() != 0;
  s.since = since_;
  s.replicas = std::max(1, replicas_.load(std::memory_order_relaxed));
  s.store = options_.redis.address.text();
  if (!s.up) s.what = what_;
  return s;
}

route::Terms Replicas::alone() const {
  const int seen = replicas_.load(std::memory_order_relaxed);
  route::Terms terms;
  terms.replicas = std::max(1, options_.replicas > 0 ? options_.replicas : seen);
  // Beside a store that can be reached, parts are reckoned anew each time.
  constexpr std::uint64_t kPassing = std::uint64_t{1} << 40;
  terms.outage = epoch() == 0 ? static_cast<std::uint64_t>(outages()) : kPassing + passing_.fetch_add(1);
  return terms;
}

bool Replicas::starting() const {
  return epoch() == 0 && last_epoch_.load() == 0 && !failed_.load() && steady_ms() - began_ms_ < kStartMs;
}

void Replicas::line(bool ready, const std::string& why, bool& before) {
  if (ready != before) {
    before = ready;
    ready_ += ready ? 1 : -1;
  }
  if (!ready) return lost(why);
  if (all_ready() && on_all_ready) on_all_ready();
}

void Replicas::lost(const std::string& why) {
  failed_ = true;
  const bool was = epoch_.exchange(0) != 0;
  const std::scoped_lock lock(mutex_);
  if (was) {
    ++outages_;
    since_ = unix_seconds();
  }
  what_ = why;
  if (!was && (told_ || ever_)) return;
  told_ = true;
  log::warn(log::Module::gateway,
            "Redis is out of reach: this replica goes on with its own share of the limits",
            {{"redis", options_.redis.address.text()}, {"what", why}, {"replicas", alone().replicas}});
}

// A Redis that has just come back may have forgotten the others until they have told it again.
void Replicas::counted(int replicas) {
  if (replicas < replicas_.load() && steady_ms() - found_ms_.load() < kForgottenMs) return;
  replicas_.store(replicas, std::memory_order_relaxed);
}

void Replicas::found(int replicas) {
  found_ms_ = steady_ms();
  counted(replicas);
  const std::uint64_t next = std::max(static_cast<std::uint64_t>(unix_ms()), last_epoch_.load() + 1);
  last_epoch_ = next;
  const std::scoped_lock lock(mutex_);
  const std::int64_t now = unix_seconds();
  log::info(log::Module::gateway,
            ever_ || told_ ? "Redis is back: limits are shared again" : "limits are shared by way of Redis",
            {{"redis", options_.redis.address.text()},
             {"replica", options_.replica},
             {"replicas", replicas_.load()},
             {"away_s", static_cast<long long>(told_ ? now - since_ : 0)}});
  ever_ = true;
  told_ = false;
  since_ = now;
  epoch_.store(next, std::memory_order_release);
}

void Replicas::epoch_taken(std::uint64_t epoch) {
  std::uint64_t last = last_epoch_.load();
  while (last < epoch && !last_epoch_.compare_exchange_weak(last, epoch)) {
  }
}

void Replicas::remember(const std::shared_ptr<route::Limiter>& limiter) {
  const std::scoped_lock lock(mutex_);
  limiters_[limiter.get()] = limiter;
}

std::vector<std::shared_ptr<route::Limiter>> Replicas::remembered() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<route::Limiter>> out;
  for (auto it = limiters_.begin(); it != limiters_.end();) {
    if (auto limiter = it->second.lock()) {
      out.push_back(std::move(limiter));
      ++it;
    } else {
      it = limiters_.erase(it);
    }
  }
  return out;
}

}  // namespace pb::gateway::shared
