#include "cli/admin_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "base/json.h"
#include "cli/load_config.h"
#include "net/client.h"
#include "net/resolver.h"
#include "net/sweeper.h"

namespace pb::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 64u << 20;
constexpr int kConnectMs = 3'000, kAnswerMs = 10'000;
constexpr std::chrono::milliseconds kLookEvery{50};

// What the gateway says is wrong.
Error refusal(int status, const std::string& body, const std::string& url) {
  json::Arena arena;
  const auto parsed = json::parse(body, arena);
  const std::string_view message = parsed ? (*parsed)["error"]["message"].as_string() : std::string_view();
  std::string text = message.empty() ? "no Patchbay with an admin API is at " + url + " (status " +
                                           std::to_string(status) + ")"
                                     : url + " says: " + std::string(message);
  if (status == 401) text += "; the key is taken from PATCHBAY_ADMIN_KEY or `admin.key` of the configuration";
  return fail(code_of_status(status), std::move(text)).error();
}

}  // namespace

struct AdminClient::Parts {
  explicit Parts(std::string address, Secret secret) : url(std::move(address)), key(std::move(secret)) {
    headers.add("Accept", "application/json");
    if (!key.empty()) headers.add("Authorization", "Bearer " + key.reveal());
  }

  Task<Result<std::string>> ask(std::string target) {
    CO_TRY_ASSIGN(net::Url to, net::parse_url(url));
    if (!client) client = net::create_client(io, sweeper, *resolver, net::ProxySettings{});
    const std::string path = to.path + target;
    const net::Origin origin = net::make_origin(std::move(to), true, {}, 2, kConnectMs);
    net::CallRequest request;
    request.method = "GET";
    request.target = path;
    request.headers = &headers;
    request.idempotent = true;
    auto call = co_await client->open(origin, request, {kAnswerMs, kAnswerMs, kAnswerMs});
    if (!call) {
      call.error().message = "nothing answers at " + url + " (" + call.error().message +
                             "): is `patchbay serve` running? --url names another address";
      co_return std::unexpected(std::move(call.error()));
    }
    std::string body;
    CO_TRY(co_await (*call)->read_all(body, kAnswerBytesMax));
    if ((*call)->status != 200) co_return std::unexpected(refusal((*call)->status, body, url));
    co_return body;
  }

  boost::asio::io_context io{1};
  net::Sweeper sweeper{io};
  std::unique_ptr<net::Resolver> resolver = net::create_resolver();
  std::unique_ptr<net::Client> client;
  std::string url;
  Secret key;
  net::Headers headers;
  std::function<bool()> stop;
  bool done = false;
  Result<std::string> result;
};

AdminClient::AdminClient(std::string url, Secret key)
    : parts_(std::make_unique<Parts>(std::move(url), std::move(key))) {}
AdminClient::~AdminClient() = default;

void AdminClient::interrupt_with(std::function<bool()> stop) { parts_->stop = std::move(stop); }

Result<std::string> AdminClient::get(std::string_view target) {
  Parts& p = *parts_;
  p.done = false;
  p.result = std::string();
  boost::asio::co_spawn(
      p.io, p.ask(std::string(target)), [&p](std::exception_ptr fault, Result<std::string> result) {
        p.result = fault ? fail(Code::internal, "the request could not be made") : std::move(result);
        p.done = true;
      });
  while (!p.done) {
    p.io.run_one_for(kLookEvery);
    if (!p.done && p.stop && p.stop()) return fail(Code::cancelled, "stopped");
  }
  return std::move(p.result);
}

Result<void> AdminClient::look() {
  if (!parts_->key.empty()) return {};
  TRY(get("/health"));
  return fail(Code::unauthenticated,
              "the admin API needs a key: set PATCHBAY_ADMIN_KEY, or `admin.key` in the configuration, for "
              "`patchbay serve` and here");
}

Result<AdminPlace> find_admin(const std::string& url, const std::string& config) {
  const auto loaded = load_config_quietly(config);
  if (!loaded) return fail(Code::invalid_request, "");
  const config::Config& c = loaded->config;
  AdminPlace place{url, c.admin.key};
  while (place.url.ends_with('/')) place.url.pop_back();
  if (!place.url.empty()) {
    if (auto parsed = net::parse_url(place.url); !parsed)
      return fail(Code::invalid_request, "--url: " + parsed.error().message);
    return place;
  }
  const std::string& listen = c.admin.listen.empty() ? c.server.listen : c.admin.listen;
  auto address = config::parse_address(listen);
  if (!address || address->port == 0)
    return fail(
        Code::invalid_request,
        "the configuration lets `patchbay serve` take any port; say which with --url http://HOST:PORT");
  std::string host = address->host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  place.url =
      "http://" + (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(address->port);
  return place;
}

}  // namespace pb::cli
