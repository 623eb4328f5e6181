#include "mcp/oauth/authorizer.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "base/clock.h"
#include "base/limits_mcp.h"
#include "base/log.h"

namespace pb::mcp {
namespace {

std::unexpected<Error> unavailable(const KeyTimes& times) {
  Error e;
  e.code = Code::overloaded;
  e.message = "the keys of the token's issuer cannot be fetched; try again in a moment";
  e.status = 503;
  e.retry_after_ms = times.retry_ms;
  e.retryable = true;
  return std::unexpected(std::move(e));
}

// The hosts that the operator names may have any address; others that the issuer's metadata names must be public ones.
net::FetchOptions fetch_options(const OAuthPolicy& policy) {
  net::FetchOptions out;
  for (const std::string& url : {policy.issuer, policy.jwks_url})
    if (auto parsed = net::parse_fetch_url(url)) out.allow.push_back({parsed->url.host, parsed->url.port});
  out.total_ms = policy.timeout_ms;
  out.bytes_max = limits::kJwksBytesMax;
  out.accept = "application/json, application/jwk-set+json";
  out.ca_file = policy.ca_file;
  out.allowed_by = "mcp.oauth.jwks_url";
  return out;
}

Task<Result<jwt::KeySet>> fetch_over_network(boost::asio::io_context& io, net::Sweeper& sweeper,
                                             OAuthShared& shared, std::shared_ptr<const OAuthPolicy> policy) {
  const net::FetchOptions options = fetch_options(*policy);
  const auto fetcher = net::create_fetcher(io, sweeper, shared.fetch, options);
  const GetUrl get = [&fetcher](std::string url) { return fetcher->get(std::move(url)); };
  co_return co_await fetch_keys(get, policy->issuer, policy->jwks_url);
}

}  // namespace

IssuerKeys::Look IssuerKeys::look() const {
  const std::scoped_lock lock(mutex_);
  return {set_, state_};
}

bool IssuerKeys::begin(std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  if (state_.fetching) return false;
  state_.fetching = state_.asked = true;
  state_.asked_ms = now_ms;
  return true;
}

void IssuerKeys::done(Result<jwt::KeySet> fetched, std::int64_t now_ms) {
  std::vector<net::Wake::Bell> waiting;
  {
    const std::scoped_lock lock(mutex_);
    state_.fetching = false;
    if (fetched) {
      set_ = std::make_shared<const jwt::KeySet>(std::move(*fetched));
      state_.any = true;
      state_.fetched_ms = now_ms;
    }
    waiting.swap(waiting_);
  }
  for (const net::Wake::Bell& bell : waiting) bell.ring();
}

bool IssuerKeys::wait(net::Wake::Bell bell) {
  const std::scoped_lock lock(mutex_);
  if (!state_.fetching) return false;
  waiting_.push_back(std::move(bell));
  return true;
}

OAuthShared::OAuthShared(std::string resource) : default_resource(std::move(resource)) {
  fetch.lookups = net::create_blocking_pool({.threads = 1, .queue_max = 16});
}

std::shared_ptr<IssuerKeys> OAuthShared::keys_of(const OAuthPolicy& policy) {
  const std::string of = policy.issuer + "\n" + policy.jwks_url + "\n" + policy.ca_file;
  const std::scoped_lock lock(mutex_);
  if (keys_ == nullptr || of != of_) {
    keys_ = std::make_shared<IssuerKeys>();
    of_ = of;
  }
  return keys_;
}

AuthorizerDeps authorizer_deps(boost::asio::io_context& io, net::Sweeper& sweeper, OAuthShared& shared) {
  return {io.get_executor(), shared,
          [&io, &sweeper, &shared](std::shared_ptr<const OAuthPolicy> policy) {
            return fetch_over_network(io, sweeper, shared, std::move(policy));
          },
          steady_ms};
}

std::shared_ptr<const OAuthPolicy> Authorizer::policy(const std::shared_ptr<const void>& snapshot,
                                                      const config::McpOAuth& options) {
  if (snapshot_ != snapshot) {
    snapshot_ = snapshot;
    policy_ = make_policy(options, deps_.shared.default_resource);
    known_.clear();
  }
  return policy_;
}

Task<Result<std::shared_ptr<const jwt::Claims>>> Authorizer::check(std::shared_ptr<const OAuthPolicy> policy,
                                                                   std::string text, std::int64_t now_s) {
  const auto keys = deps_.shared.keys_of(*policy);
  const Digest digest = sha256(text);
  if (Known known = recall(digest, *policy, *keys, now_s)) co_return known;
  CO_TRY_ASSIGN(jwt::Token token, jwt::parse(text, policy->algs));
  IssuerKeys::Set with;
  CO_TRY(co_await verify(policy, keys, token, with));
  const jwt::Expected expected{policy->issuer, policy->audiences, policy->leeway_s, policy->only_at_jwt};
  CO_TRY_ASSIGN(Known claims, jwt::check(std::move(token), expected, now_s));
  if (policy != policy_) co_return claims;  // the configuration has changed meanwhile
  if (known_by_ != with || known_.size() >= limits::kTokensKnownMax) known_.clear();
  known_by_ = with;
  known_.emplace(digest, claims);
  co_return claims;
}

// A token that was good with these very keys is good until it expires, or until the keys are too old.
Authorizer::Known Authorizer::recall(const Digest& digest, const OAuthPolicy& policy, const IssuerKeys& keys,
                                     std::int64_t now_s) {
  const auto found = &policy == policy_.get() ? known_.find(digest) : known_.end();
  if (found == known_.end()) return nullptr;
  const IssuerKeys::Look look = keys.look();
  const std::int64_t now_ms = deps_.steady_ms();
  const bool good = look.set == known_by_ && usable(look.state, policy.times, now_ms) &&
                    !next_move(look.state, true, false, policy.times, now_ms).fetch &&
                    now_s < found->second->expires_s + policy.leeway_s;
  return good ? found->second : nullptr;
}

Task<Result<void>> Authorizer::verify(std::shared_ptr<const OAuthPolicy> policy,
                                      std::shared_ptr<IssuerKeys> keys, const jwt::Token& token,
                                      IssuerKeys::Set& with) {
  for (bool waited = false;; waited = true) {
    const std::int64_t now_ms = deps_.steady_ms();
    const IssuerKeys::Look look = keys->look();
    const bool any = usable(look.state, policy->times, now_ms);
    const jwt::Match match = any ? jwt::verify(token, *look.set) : jwt::Match::no_key;
    const KeyMove move = next_move(look.state, match != jwt::Match::no_key, waited, policy->times, now_ms);
    if (move.fetch && keys->begin(now_ms)) fetch(policy, keys);
    if (!move.wait) {
      with = look.set;
      if (match == jwt::Match::verified) co_return Result<void>();
      if (match == jwt::Match::forged)
        co_return fail(Code::unauthenticated, "the token's signature is not its issuer's");
      if (!any) co_return unavailable(policy->times);
      co_return fail(Code::unauthenticated, "the token is signed with a key that is none of its issuer's");
    }
    net::Wake wake(deps_.executor);
    if (keys->wait(wake.bell())) co_await wake.wait();
  }
}

// Goes on when the request that wanted it does not.
void Authorizer::fetch(std::shared_ptr<const OAuthPolicy> policy, std::shared_ptr<IssuerKeys> keys) {
  auto run = [](AuthorizerDeps& deps, std::shared_ptr<const OAuthPolicy> of,
                std::shared_ptr<IssuerKeys> into) -> Task<void> {
    auto fetched = co_await deps.fetch(of);
    if (!fetched)
      log::warn(log::Module::api, "the keys of the issuer of access tokens cannot be fetched",
                {{"issuer", of->issuer}, {"what", fetched.error().message}});
    else
      log::info(log::Module::api, "the keys of the issuer of access tokens were fetched",
                {{"issuer", of->issuer}, {"keys", fetched->keys().size()}});
    into->done(std::move(fetched), deps.steady_ms());
  };
  boost::asio::co_spawn(deps_.executor, run(deps_, std::move(policy), keys),
                        [this, keys](const std::exception_ptr& e) {
                          if (e) keys->done(fail(Code::internal, "the fetch failed"), deps_.steady_ms());
                        });
}

}  // namespace pb::mcp
