// What a request has reserved under the limits of its key, team and provider, until its real usage is known.
#pragma once
#include "route/limiter.h"
#include "store/ledger.h"

namespace pb::gateway {

class BudgetAlerts;

struct Hold {
  route::Reservation caller;    // key and team
  route::Reservation provider;  // of the attempt under way
  route::Estimate estimate;
  std::int64_t prompt_tokens = 0;  // of the estimate
  BudgetAlerts* alerts = nullptr;  // outlives the hold; may be null

  bool held() const { return caller.held() || provider.held(); }
  // Settles by the row as it goes into the ledger: what an answer of unknown usage used is taken to be the estimate.
  void settle(const store::UsageRow& row);
};

}  // namespace pb::gateway
