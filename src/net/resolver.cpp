#include "net/resolver.h"

#include <netdb.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <mutex>
#include <unordered_map>

namespace pb::net {
namespace asio = boost::asio;
namespace {

using Addresses = std::vector<asio::ip::address>;
using Clock = std::chrono::steady_clock;

constexpr auto kKeep = std::chrono::seconds(30);
constexpr auto kAskAgain = std::chrono::seconds(1);   // after a look-up that failed, of a name that was known
constexpr auto kForget = std::chrono::seconds(3600);  // how long what was known is used while look-ups fail
constexpr std::size_t kCacheMax = 1000;
constexpr int kThreads = 4;

}  // namespace

Result<Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  int rc = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (rc != 0) return std::unexpected(upstream_fault("cannot resolve " + host + ": " + ::gai_strerror(rc)));
  Addresses out;
  for (addrinfo* a = found; a != nullptr; a = a->ai_next) {
    asio::ip::tcp::endpoint e;
    if (a->ai_addrlen > e.capacity()) continue;
    e.resize(a->ai_addrlen);
    std::memcpy(e.data(), a->ai_addr, a->ai_addrlen);
    out.push_back(e.address());
  }
  ::freeaddrinfo(found);
  if (out.empty()) return fail(Code::bad_upstream, "cannot resolve " + host + ": no address");
  return out;
}

namespace {

// Who waits for a look-up: lives in its coroutine, on whose event loop alone it is used.
struct Waiter {
  explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  Result<Addresses> answer;
  bool came = false;
};

class ResolverImpl final : public Resolver {
 public:
  ~ResolverImpl() override { pool_.join(); }

  Task<Result<Addresses>> resolve(std::string host, int wait_ms) override {
    boost::system::error_code ec;
    auto literal = asio::ip::make_address(host, ec);
    if (!ec) co_return Addresses{literal};
    {
      const std::lock_guard lock(mutex_);
      Entry* known = find(host);
      if (known != nullptr && known->until >= Clock::now()) co_return known->addresses;
      if (known != nullptr) {
        // Most names stay where they are, and one that cannot be looked up now has not moved.
        look_up_later(host, nullptr);
        co_return known->addresses;
      }
    }
    // Shared so that what the look-up posts can see whether it is still there.
    const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
    waiter->timer.expires_after(std::chrono::milliseconds(wait_ms));
    const Registered registered(*this, host, waiter);
    co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (waiter->came) co_return std::move(waiter->answer);
    Error e =
        upstream_fault("cannot resolve " + host + ": no answer within " + std::to_string(wait_ms) + " ms");
    e.code = Code::timeout;
    co_return std::unexpected(std::move(e));
  }

 private:
  struct Entry {
    Addresses addresses;
    Clock::time_point until, forget;
  };

  // With mutex_ held, like the next one.
  Entry* find(const std::string& host) {
    const auto it = cache_.find(host);
    return it == cache_.end() || it->second.forget < Clock::now() ? nullptr : &it->second;
  }

  // A waiter that the look-up is to tell. While one is registered, its event loop is there.
  class Registered {
   public:
    Registered(ResolverImpl& r, const std::string& host, const std::shared_ptr<Waiter>& waiter)
        : resolver_(r), host_(host), waiter_(waiter.get()) {
      const std::lock_guard lock(r.mutex_);
      r.look_up_later(host, waiter);
    }
    ~Registered() {
      const std::lock_guard lock(resolver_.mutex_);
      if (const auto it = resolver_.waiting_.find(host_); it != resolver_.waiting_.end())
        std::erase_if(it->second, [&](const auto& w) { return w.lock().get() == waiter_; });
    }

   private:
    ResolverImpl& resolver_;
    const std::string& host_;
    const Waiter* waiter_;
  };

  // One look-up of a name at a time, so that one without an answer takes one thread.
  void look_up_later(const std::string& host, const std::shared_ptr<Waiter>& waiter) {
    const auto [it, first] = waiting_.try_emplace(host);
    if (waiter) it->second.push_back(waiter);
    if (first) asio::post(pool_, [this, host] { look_up_now(host); });
  }

  void look_up_now(const std::string& host) {
    const Result<Addresses> answer = look_up(host);
    const std::lock_guard lock(mutex_);
    if (answer) {
      if (cache_.size() >= kCacheMax) cache_.clear();
      cache_[host] = {*answer, Clock::now() + kKeep, Clock::now() + kForget};
    } else if (Entry* known = find(host)) {
      known->until = Clock::now() + kAskAgain;
    }
    for (const std::weak_ptr<Waiter>& weak : waiting_[host])
      if (const auto waiter = weak.lock())
        asio::post(waiter->timer.get_executor(), [weak, answer] {
          const auto w = weak.lock();
          if (!w) return;
          w->answer = answer;
          w->came = true;
          w->timer.cancel();
        });
    waiting_.erase(host);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> cache_;
  std::unordered_map<std::string, std::vector<std::weak_ptr<Waiter>>> waiting_;  // for look-ups under way
  asio::thread_pool pool_{kThreads};
};

}  // namespace

std::unique_ptr<Resolver> create_resolver() { return std::make_unique<ResolverImpl>(); }

}  // namespace pb::net
