// One deployment after the other, until the client has an answer.
#pragma once
#include <functional>

#include "gateway/exchange.h"
#include "gateway/plan.h"

namespace pb::gateway {

// Sends the exchange's request along its route (x.route). A failure must have sent the client nothing of an answer.
using Attempt = std::function<Task<Attempted>(Exchange&)>;

// Retries, falls back and waits as the route and the configuration say, tells the deployments' state what it sees, and answers
// with an error if nobody answers.
Task<void> run_attempts(Exchange& x, Plan& plan, Attempt attempt);

}  // namespace pb::gateway
