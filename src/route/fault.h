// What went wrong with an attempt, and what follows from it. Pure: one table decides about retries, other deployments and the
// circuit breaker.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace pb::route {

enum class Fault : std::uint8_t {
  client,       // the request is wrong: nobody else would answer it
  cancelled,    // the client went away
  unsupported,  // this model or provider cannot do it, another may (404 for the model, 415, a missing feature)
  context_too_long,  // too long for this model
  content_policy,    // refused for its content
  credentials,       // our key is wrong, has no rights or no money left (401, 402, 403)
  rate_limit,        // (429)
  overloaded,        // (503, 529)
  transient,         // (500, 502, 504, connection refused or broken, timeout, an answer that cannot be read)
  permanent,         // a certificate that cannot be verified, a wrong base_url, an answer beyond every limit
};

struct Action {
  bool retry;    // the same deployment, after a wait
  bool move_on;  // the next deployment or fallback
  bool counts;   // against the deployment's circuit breaker
  bool cools;    // others are preferred for a while
  std::string_view name;
};

// `error`: as the dialect's decode_error, the HTTP client or the gateway made it.
Fault classify(const Error& error);
const Action& action(Fault fault);

}  // namespace pb::route
