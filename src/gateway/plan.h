// The deployments that one request may be sent to, one after the other: the order of its route, then those of the fallbacks.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/route.h"

namespace pb::gateway {

class Plan {
 public:
  // `meaning`: what the model's name leads to. `facts` outlives the plan.
  Plan(const Snapshot& snapshot, const llm::Dialect& client, Meaning meaning, const route::Facts& facts,
       bool thinking, route::Dice dice);

  // The next one that may be asked; nullopt when nobody is left. A deployment whose breaker is half open is only given to one
  // request at a time: `probe` tells that it is this one.
  std::optional<Route> next(std::int64_t now_ms, bool& probe);
  // There may be another one.
  bool more() const { return at_ < order_.slots.size() || !fallbacks_.empty(); }
  // Asked for by its provider and name: there is nobody else, so nobody is left out either.
  bool plain() const { return plain_; }
  const route::Route* route() const { return first_; }  // the one asked for; null when plain
  const std::string& reason() const { return reason_; }
  // Why nobody may be asked: when no attempt was made at all.
  Error nobody(std::int64_t now_ms) const;

 private:
  void enter(Meaning meaning, std::int64_t now_ms);
  bool is_drained(const Target& target);
  std::vector<route::Slot> with_quotas(const Pool& pool, std::int64_t now_ms);

  const Snapshot& snapshot_;
  const llm::Dialect& client_;
  const route::Facts& facts_;
  route::Dice dice_;
  bool thinking_;
  bool plain_;
  bool entered_ = false;
  const route::Route* first_ = nullptr;
  Meaning meaning_;
  route::Order order_;
  std::size_t at_ = 0;
  std::vector<std::string_view> fallbacks_;  // those to come, the next one last
  std::vector<const Pool*> seen_;
  std::string reason_;
  std::string verdicts_;  // of routes that had no usable deployment
  std::int64_t until_ms_ =
      0;  // when the first open breaker lets a request through, or the first quota is there again
  bool used_up_ = false;  // somebody's quota
};

}  // namespace pb::gateway
