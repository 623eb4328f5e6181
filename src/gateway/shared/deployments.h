// What replicas tell each other about deployments: whose circuit breaker is open, who is rate limited, what was taken out by hand.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "route/live.h"

namespace pb::gateway::shared {

// Belongs to the one thread that talks to the others. Times are of the steady clock, in milliseconds.
class Deployments {
 public:
  explicit Deployments(route::Board& board) : board_(board) {}
  // What this replica has found out itself: a line "BREAKER_MS COOL_MS NAME" for each deployment that others should leave alone
  // for so long.
  std::string tell(std::int64_t now_ms) const;
  // The same of all others, as of now. Breakers open with theirs and close with theirs, except where a request of our own has
  // shown meanwhile that the deployment works for us.
  void hear(const std::vector<std::string_view>& others, std::int64_t now_ms);
  // What was drained (true) or enabled here since the last time; `all`: and everything else that is drained, for a store that may
  // have forgotten.
  std::vector<std::pair<std::string, bool>> drained_here(bool all);
  // What is drained, by everybody's word.
  void hear_drained(const std::set<std::string, std::less<>>& drained);

 private:
  struct Adopted {
    std::int64_t until_ms = 0;
    std::int64_t ignore_until_ms = 0;
  };
  route::Board& board_;
  std::map<std::string, Adopted, std::less<>> adopted_;
  std::set<std::string, std::less<>> drained_;
};

}  // namespace pb::gateway::shared
