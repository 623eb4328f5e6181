// A second attempt beside the first, at another deployment: the first to answer wins, the other is cancelled.
#pragma once
#include <functional>
#include <optional>

#include "gateway/attempts.h"

namespace pb::gateway {

// Two attempts of one request. An attempt claims the client before it sends anything; the other one is cancelled then.
class Race {
 public:
  // Whether the lane may answer. One core.
  bool claim(int lane);
  int winner() const { return winner_; }  // -1 = nobody yet

 private:
  friend class Hedged;
  int winner_ = -1;
  std::function<void()> cancel_[2];
};

// How long the exchange's first attempt may go without an answer until a second is made; nullopt: there is none.
std::optional<int> hedge_after_ms(const Exchange& x, const Plan& plan);

// Makes the attempt, and after that time a second one along the plan's next route. What the second one answers with is in the
// exchange and its record as if it had been the only one. The second one's failure is told to its deployment only.
Task<Attempted> hedge(Exchange& x, Plan& plan, const Attempt& attempt, int after_ms);

}  // namespace pb::gateway
