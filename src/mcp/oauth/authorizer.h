// Access tokens are verified here, with keys that are fetched from their issuer when they are needed.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/jwt.h"
#include "base/task.h"
#include "mcp/oauth/issuer.h"
#include "mcp/oauth/policy.h"
#include "net/fetch.h"
#include "net/sweeper.h"
#include "net/wake.h"

namespace pb::mcp {

// One issuer's keys. Shared by all cores and by fetches under way; any thread.
class IssuerKeys {
 public:
  using Set = std::shared_ptr<const jwt::KeySet>;  // shared with tokens that are being verified
  struct Look {
    Set set;  // null: none yet
    KeyState state;
  };
  Look look() const;
  // True: the caller fetches, and ends with done(). False: somebody does already.
  bool begin(std::int64_t now_ms);
  void done(Result<jwt::KeySet> fetched, std::int64_t now_ms);  // a failure leaves the old keys in use
  // Rings when the fetch under way has ended. False: there is none.
  bool wait(net::Wake::Bell bell);

 private:
  mutable std::mutex mutex_;
  Set set_;
  KeyState state_;
  std::vector<net::Wake::Bell> waiting_;
};

// What all cores share; owned by main.
struct OAuthShared {
  explicit OAuthShared(std::string resource);
  // The keys of the policy's issuer; those of another one are forgotten.
  std::shared_ptr<IssuerKeys> keys_of(const OAuthPolicy& policy);

  const std::string default_resource;
  net::FetchShared fetch;

 private:
  std::mutex mutex_;
  std::string of_;
  std::shared_ptr<IssuerKeys> keys_;  // shared as above
};

struct AuthorizerDeps {
  boost::asio::any_io_executor executor;
  OAuthShared& shared;
  // The keys, fetched on this core as the policy says.
  std::function<Task<Result<jwt::KeySet>>(std::shared_ptr<const OAuthPolicy>)> fetch;
  std::function<std::int64_t()> steady_ms;
};
// Fetches over the network: https with verified certificates, only from public addresses and from the hosts that the configuration
// names, with limits of time and size.
AuthorizerDeps authorizer_deps(boost::asio::io_context& io, net::Sweeper& sweeper, OAuthShared& shared);

// One core's. Not thread-safe.
class Authorizer {
 public:
  explicit Authorizer(AuthorizerDeps deps) : deps_(std::move(deps)) {}
  // Of the configuration that `snapshot` keeps alive; null: no tokens are taken.
  std::shared_ptr<const OAuthPolicy> policy(const std::shared_ptr<const void>& snapshot,
                                            const config::McpOAuth& options);
  // The claims of a token that may be believed. Waits for the issuer only where no key is known that could be the token's.
  // Errors: unauthenticated; overloaded, when there are no keys because the issuer cannot be reached.
  Task<Result<std::shared_ptr<const jwt::Claims>>> check(std::shared_ptr<const OAuthPolicy> policy,
                                                         std::string token, std::int64_t now_s);

 private:
  using Known = std::shared_ptr<const jwt::Claims>;  // shared with requests under way
  Task<Result<void>> verify(std::shared_ptr<const OAuthPolicy> policy, std::shared_ptr<IssuerKeys> keys,
                            const jwt::Token& token, IssuerKeys::Set& with);
  void fetch(std::shared_ptr<const OAuthPolicy> policy, std::shared_ptr<IssuerKeys> keys);
  Known recall(const Digest& digest, const OAuthPolicy& policy, const IssuerKeys& keys, std::int64_t now_s);

  AuthorizerDeps deps_;
  std::shared_ptr<const void> snapshot_;  // that of policy_; held so that no other one gets its address
  std::shared_ptr<const OAuthPolicy> policy_;
  IssuerKeys::Set known_by_;       // the keys that known_ were verified with
  std::map<Digest, Known> known_;  // by the token's digest
};

}  // namespace pb::mcp
