#include "net/resolver.h"

#include <netdb.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace pb::net {
namespace asio = boost::asio;
namespace {

using Addresses = std::vector<asio::ip::address>;
using Clock = std::chrono::steady_clock;

constexpr auto kKeep = std::chrono::seconds(30);
constexpr std::size_t kCacheMax = 1000;
constexpr int kThreads = 2;

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

class ResolverImpl final : public Resolver {
 public:
  ~ResolverImpl() override { pool_.join(); }

  Task<Result<Addresses>> resolve(std::string host) override {
    boost::system::error_code ec;
    auto literal = asio::ip::make_address(host, ec);
    if (!ec) co_return Addresses{literal};
    if (auto cached = find(host)) co_return *cached;
    auto executor = co_await asio::this_coro::executor;
    auto answer = std::make_shared<
        Result<Addresses>>();  // shared: a cancelled caller may be gone before the thread is done
    auto start = [this, executor, host, answer](auto handler) {
      auto done = std::make_shared<decltype(handler)>(std::move(handler));
      asio::post(pool_, [executor, host, answer, done] {
        *answer = look_up(host);
        asio::post(executor, [done] { std::move (*done)(); });
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(start, asio::use_awaitable);
    if (*answer) keep(host, **answer);
    co_return *answer;
  }

 private:
  struct Entry {
    Addresses addresses;
    Clock::time_point until;
  };

  std::optional<Addresses> find(const std::string& host) {
    std::lock_guard lock(mutex_);
    auto it = cache_.find(host);
    if (it == cache_.end() || it->second.until < Clock::now()) return std::nullopt;
    return it->second.addresses;
  }

  void keep(const std::string& host, const Addresses& addresses) {
    std::lock_guard lock(mutex_);
    if (cache_.size() >= kCacheMax) cache_.clear();
    cache_[host] = {addresses, Clock::now() + kKeep};
  }

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> cache_;
  asio::thread_pool pool_{kThreads};
};

}  // namespace

std::unique_ptr<Resolver> create_resolver() { return std::make_unique<ResolverImpl>(); }

}  // namespace pb::net
