#include "net/fetch.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/address.h"
#include "net/inflate.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/sweeper.h"

namespace pb::net {
namespace asio = boost::asio;
namespace {

using Addresses = std::vector<asio::ip::address>;

std::unexpected<Error> bad(std::string why) { return fail(Code::invalid_request, std::move(why)); }

// Answers with what was checked before, so that nobody looks the name up again.
class PinnedResolver final : public Resolver {
 public:
  explicit PinnedResolver(Addresses addresses) : addresses_(std::move(addresses)) {}
  Task<Result<Addresses>> resolve(std::string, int) override { co_return addresses_; }

 private:
  Addresses addresses_;
};

bool redirects(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Headers request_headers(std::string_view accept) {
  Headers h;
  h.add("User-Agent", "patchbay/" PATCHBAY_VERSION);
  h.add("Accept", accept);
  h.add("Accept-Encoding", "identity");
  h.add("Connection", "close");
  return h;
}

class FetcherImpl final : public Fetcher {
 public:
  FetcherImpl(asio::io_context& io, Sweeper& sweeper, FetchShared& shared, const FetchOptions& options)
      : io_(io),
        sweeper_(sweeper),
        shared_(shared),
        options_(options),
        headers_(request_headers(options.accept)) {}

  Task<Result<std::string>> get(std::string url) override {
    using asio::experimental::awaitable_operators::operator||;
    asio::steady_timer timer(io_, std::chrono::milliseconds(options_.total_ms));
    auto first = co_await (follow(std::move(url)) || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (first.index() == 1)
      co_return bad("was not answered within " + std::to_string(options_.total_ms) + " ms");
    co_return std::get<0>(std::move(first));
  }

 private:
  struct Answer {
    std::string body;
    std::string location;  // of a redirect
  };

  Task<Result<std::string>> follow(std::string url) {
    CO_TRY_ASSIGN(FetchUrl at, parse_fetch_url(url));
    for (int redirected = 0;; ++redirected) {
      auto answer = co_await step(at);
      if (!answer) {
        if (redirected > 0 && answer.error().code == Code::invalid_request)
          answer.error().message = "redirects to " + at.shown + ", which " + answer.error().message;
        co_return std::unexpected(std::move(answer.error()));
      }
      if (answer->location.empty()) co_return std::move(answer->body);
      if (redirected == limits::kFetchRedirectsMax)
        co_return bad("redirects more than " + std::to_string(limits::kFetchRedirectsMax) + " times");
      auto next = parse_fetch_url(redirect_target(at, answer->location));
      if (!next) co_return bad("redirects to a URL that " + next.error().message);
      if (at.url.tls && !next->url.tls) co_return bad("redirects from https to http");
      at = std::move(*next);
    }
  }

  // One request to one host.
  Task<Result<Answer>> step(FetchUrl at) {
    auto addresses = co_await checked_addresses(at.url);
    CO_TRY(addresses);
    PinnedResolver resolver(std::move(*addresses));
    auto client = create_client(io_, sweeper_, resolver, {}, shared_.tls);
    const Origin origin = make_origin(at.url, true, options_.ca_file, 1, options_.total_ms);
    CallRequest request;
    request.method = "GET";
    request.target = at.target;
    request.headers = &headers_;
    request.idempotent = true;
    auto opened =
        co_await client->open(origin, request, {options_.total_ms, options_.total_ms, options_.total_ms});
    if (!opened) co_return bad("cannot be fetched: " + opened.error().message);
    auto answer = co_await read(**opened);
    opened->reset();  // before its client
    co_return answer;
  }

  Task<Result<Answer>> read(Call& call) {
    Answer answer;
    if (redirects(call.status)) {
      answer.location = call.headers.get("location");
      if (answer.location.empty()) co_return bad("redirects to nowhere");
      co_return answer;
    }
    if (call.status != 200) co_return bad("answered with status " + std::to_string(call.status));
    auto done = co_await call.read_all(answer.body, options_.bytes_max);
    if (!done) co_return bad("cannot be fetched: " + done.error().message);
    const std::string_view coding = call.headers.get("content-encoding");
    if (!coding.empty() && !iequals(coding, "identity")) {
      auto inflater = Inflater::create(coding);
      std::string plain;
      if (!inflater || !inflater->feed(answer.body, plain, options_.bytes_max) || !inflater->finish())
        co_return bad("was answered in a content coding that cannot be undone");
      answer.body = std::move(plain);
    }
    co_return answer;
  }

  Task<Result<Addresses>> checked_addresses(const Url& url) {
    const bool allowed = std::any_of(options_.allow.begin(), options_.allow.end(),
                                     [&](const AllowedHost& a) { return a.matches(url); });
    if (!allowed && url.port != 80 && url.port != 443)
      co_return bad("has port " + std::to_string(url.port) + ", and only 80 and 443 are allowed (" +
                    allowing() + ")");
    auto found =
        co_await blocking(*shared_.lookups, [host = url.host, &shared = shared_]() -> Result<Addresses> {
          std::call_once(shared.made_tls, [&] {
            if (auto made = tls_context(true, {})) shared.tls = std::move(*made);
          });
          return shared.look_up(host);
        });
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return bad("cannot be fetched: " + found->error().message);
    Addresses addresses = std::move(**found);
    if (!allowed) std::erase_if(addresses, [](const auto& a) { return !public_address(a); });
    // Which address it has is not told: the name may be one of an internal network.
    if (addresses.empty())
      co_return bad("has a host without a public address, and others are refused (" + allowing() + ")");
    co_return addresses;
  }

  std::string allowing() const { return "`" + std::string(options_.allowed_by) + "` can allow a host"; }

  asio::io_context& io_;
  Sweeper& sweeper_;
  FetchShared& shared_;
  const FetchOptions& options_;
  const Headers headers_;
};

}  // namespace

std::unique_ptr<Fetcher> create_fetcher(asio::io_context& io, Sweeper& sweeper, FetchShared& shared,
                                        const FetchOptions& options) {
  return std::make_unique<FetcherImpl>(io, sweeper, shared, options);
}

}  // namespace pb::net
