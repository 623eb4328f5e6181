// Models that cost nothing: which of them is asked, and how much of them is left. Choosing is pure.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "route/ratings.h"
#include "tools/chat/known_models.h"

namespace pb::tools {

// What the router knows of one at this moment.
struct FreeStanding {
  bool usable = true;       // not out of order, not over its limits, not cooling down after a refusal
  double success = -1;      // 0 … 1, of late; -1 = not known
  std::int64_t ended = 0;   // requests since the start
  std::int64_t recent = 0;  // within the last minute
};
FreeStanding standing_of(const gateway::Snapshot& snapshot, const KnownModel& model);

// How good a choice one is for a kind of task: four tenths its context, four tenths its rating, blended with how it has done here
// after five requests, two tenths what it can do; less for each request that it got within the last minute, so that they take turns.
double free_score(const KnownModel& model, const FreeStanding& standing, route::Kind kind);

using StandingOf = std::function<FreeStanding(const KnownModel&)>;
// Those to be tried, the best first: the preferred ones in their order (by any part of their names), then the others by score.
// Models that are not free, or not usable now, are left out.
std::vector<KnownModel> free_order(std::vector<KnownModel> models, const StandingOf& standing,
                                   route::Kind kind, std::span<const std::string> preferred);

// Providers count requests to their free models (names that end in ":free"), by UTC day and by minute.
struct FreeUse {
  bool known = false;  // false: no ledger is kept
  std::int64_t day = 0, minute = 0;
};
Task<FreeUse> free_use(const Deps& deps);
// "quota": what is used, the limit and what remains of both; limits of 0 are none.
void write_quota(json::Writer& w, const FreeUse& use, const config::McpFree& limits);
// Which limit is reached, in words; "" = none.
std::string quota_fault(const FreeUse& use, const config::McpFree& limits);

}  // namespace pb::tools
