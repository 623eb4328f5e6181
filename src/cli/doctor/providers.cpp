// Whether providers can be reached and take their keys, and whether the gateway's own address is free.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

#include "cli/doctor/check.h"
#include "gateway/headers.h"
#include "gateway/model_lists.h"
#include "net/client.h"
#include "net/probe.h"
#include "net/resolver.h"
#include "net/sweeper.h"

namespace pb::cli {
namespace {

constexpr net::CallTimeouts kTimeouts{8'000, 8'000, 10'000};
constexpr int kConnectMs = 5'000;
constexpr std::size_t kPageBytesMax = 8u << 20;
constexpr std::chrono::milliseconds kLookEvery{50};

struct Asked {
  int status = 0;
  Error error;  // status 0: it could not be reached
};

class Asker {
 public:
  Asker() : client_(net::create_client(io_, sweeper_, *resolver_, net::ProxySettings::from_environment())) {}

  // Its list of models, with its key or without.
  Task<Asked> ask(const gateway::Upstream& upstream, bool with_key) {
    gateway::Upstream copy = upstream;
    copy.origin.connect_timeout_ms = kConnectMs;
    if (!with_key) copy.auth_header.clear();
    const config::ProviderFormat& format = upstream.provider->formats.front();
    gateway::Route route;
    route.upstream = &copy;
    route.dialect = format.dialect;
    std::string path = format.path;
    if (path.ends_with(format.dialect->path)) path.resize(path.size() - format.dialect->path.size());
    path.append(gateway::model_list_path(*format.dialect));
    route.path = path;
    const std::string target = gateway::request_target(route, {}, std::nullopt, false);
    net::Headers headers;
    gateway::translated_request_headers(route, false, headers);
    net::CallRequest request;
    request.method = "GET";
    request.target = target;
    request.headers = &headers;
    request.idempotent = true;
    auto call = co_await client_->open(copy.origin, request, kTimeouts);
    if (!call) co_return Asked{0, std::move(call.error())};
    std::string body;
    (void)co_await (*call)->read_all(body, kPageBytesMax);
    co_return Asked{(*call)->status, {}};
  }

  // GET of an address of this machine; 0 = nothing answers.
  Task<int> health(std::string url) {
    const auto to = net::parse_url(url);
    if (!to) co_return 0;
    const net::Origin origin = net::make_origin(*to, true, {}, 1, kConnectMs);
    net::Headers headers;
    net::CallRequest request;
    request.method = "GET";
    request.target = "/health";
    request.headers = &headers;
    auto call = co_await client_->open(origin, request, kTimeouts);
    if (!call) co_return 0;
    std::string body;
    (void)co_await (*call)->read_all(body, kPageBytesMax);
    co_return body.contains("\"generation\"") ? (*call)->status : 1;
  }

  boost::asio::io_context& io() { return io_; }
  // Until all is answered; each request's own timeouts bound it.
  void run(const std::function<bool()>& done) {
    while (!done()) io_.run_one_for(kLookEvery);
  }

 private:
  boost::asio::io_context io_{1};
  net::Sweeper sweeper_{io_};
  std::unique_ptr<net::Resolver> resolver_ = net::create_resolver();
  std::unique_ptr<net::Client> client_;
};

// Why a provider's answer is what it is, for people.
Check judge(const config::Provider& p, const Asked& with, const std::optional<Asked>& without) {
  const std::string key_advice =
      "`patchbay keys provider rotate " + p.name + "`, or set " + std::string(p.vendor->key_env);
  Check out{"providers", p.name, Health::good, "", ""};
  if (with.status == 0) {
    out.health = Health::bad;
    out.what = "cannot be reached at " + p.base_url + ": " + with.error.message;
    out.advice = p.vendor->local
                     ? "is it running? Else take it out of the configuration"
                     : "look at base_url, the network, HTTPS_PROXY and the certificates (ca_file)";
  } else if (with.status == 401 || with.status == 403) {
    out.health = Health::bad;
    out.what = std::string(p.api_key.empty() ? "wants a key" : "does not accept the key") + " (status " +
               std::to_string(with.status) + ")";
    out.advice = key_advice;
  } else if (with.status == 404 || with.status == 405) {
    out.health = Health::note;
    out.what = "can be reached; it has no list of models, so its key was not tried";
  } else if (with.status >= 300) {
    out.health = Health::warning;
    out.what = "answers with status " + std::to_string(with.status);
    out.advice = with.status == 429 ? "its limits are used up; try again later" : "look at base_url";
  } else if (without && without->status >= 200 && without->status < 300) {
    out.what = "can be reached; its list of models needs no key, so the key was not tried";
  } else {
    out.what = p.api_key.empty() ? "can be reached" : "can be reached and accepts the key";
  }
  return out;
}

Task<Check> look_at(Asker& asker, const gateway::Upstream& upstream) {
  const config::Provider& p = *upstream.provider;
  const Asked with = co_await asker.ask(upstream, true);
  std::optional<Asked> without;
  if (with.status >= 200 && with.status < 300 && !p.api_key.empty())
    without = co_await asker.ask(upstream, false);
  co_return judge(p, with, without);
}

// What can be told without asking.
std::optional<Check> check_key(const config::Provider& p, const config::Loaded& loaded) {
  const auto from = loaded.origins.find("providers." + p.name + ".api_key");
  if (p.auth == llm::Auth::none || p.vendor->local) return std::nullopt;
  if (p.api_key.empty() && p.base_url == p.vendor->base_url)
    return Check{"providers", p.name, Health::bad, "has no key",
                 "`patchbay keys provider set " + p.name + "`, or set " + std::string(p.vendor->key_env)};
  if (p.api_key.empty()) return Check{"providers", p.name, Health::note, "has no key", ""};
  return Check{"providers", p.name, Health::good,
               "has a key" + (from == loaded.origins.end() ? "" : " (" + from->second + ")"), ""};
}

}  // namespace

Checks check_providers(const config::Loaded& loaded, bool online) {
  Checks out;
  config::Config config = loaded.config;
  for (config::Provider& p : config.providers) {
    if (auto key = check_key(p, loaded)) out.push_back(std::move(*key));
    if (p.base_url.empty()) p.base_url = "http://127.0.0.1:1";  // the simulator's, which is not asked
  }
  if (!online) return out;
  const auto snapshot = gateway::Snapshot::make(std::move(config));
  if (!snapshot) return out;
  Asker asker;
  std::vector<std::optional<Check>> found(loaded.config.providers.size());
  std::size_t left = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const gateway::Upstream& upstream = (*snapshot)->upstreams()[i];
    const config::Provider& p = loaded.config.providers[i];
    const bool keyless = p.api_key.empty() && p.auth != llm::Auth::none && p.base_url == p.vendor->base_url &&
                         !p.vendor->local;
    if (p.base_url.empty() || keyless) continue;
    ++left;
    boost::asio::co_spawn(asker.io(), look_at(asker, upstream),
                          [&found, &left, i](std::exception_ptr fault, Check check) {
                            --left;
                            if (!fault) found[i] = std::move(check);
                          });
  }
  asker.run([&left] { return left == 0; });
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) out.push_back(std::move(*found[i]));
  return out;
}

namespace {

Check check_address(const std::string& listen, std::string_view option) {
  Check out{"address", listen, Health::good, "is free", ""};
  const auto address = config::parse_address(listen);
  if (!address || address->port == 0) {
    out.what = address ? "any free port is taken" : "is no address; see the configuration";
    return out;
  }
  const std::string fault = net::listen_fault(address->host, address->port);
  if (fault.empty()) return out;
  std::string host = address->host == "0.0.0.0" ? "127.0.0.1" : address->host == "::" ? "::1" : address->host;
  if (host.contains(':')) host = "[" + host + "]";
  Asker asker;
  int status = 0;
  bool done = false;
  boost::asio::co_spawn(asker.io(), asker.health("http://" + host + ":" + std::to_string(address->port)),
                        [&status, &done](std::exception_ptr failed, int got) {
                          status = failed ? 0 : got;
                          done = true;
                        });
  asker.run([&done] { return done; });
  if (status >= 200) {
    out.what = "a gateway is running there";
  } else {
    out.health = Health::bad;
    out.what = status == 0 ? fault : "another program listens there";
    out.advice = "set " + std::string(option) + " to another port, or end what uses it";
  }
  return out;
}

}  // namespace

Checks check_port(const config::Config& config) {
  Checks out = {check_address(config.server.listen, "server.listen")};
  if (!config.admin.listen.empty()) out.push_back(check_address(config.admin.listen, "admin.listen"));
  return out;
}

}  // namespace pb::cli
