// Where a request goes: what rules and strategies may ask about it, and what its model's name leads to.
#pragma once
#include <string>

#include "gateway/caller.h"
#include "gateway/exchange.h"

namespace pb::gateway {

// Stays where it is: its parts point into one another.
class Aim {
 public:
  // `rules`: the request is one that the configuration's rules are about. What they ask of the body is read only where one of
  // them asks.
  Aim(const Exchange& x, const Caller& caller, bool rules = true);
  Aim(const Aim&) = delete;
  Aim& operator=(const Aim&) = delete;

  // The rule that holds, if any; else the name the client asks for.
  Result<Meaning> meaning() const;
  bool by_rule() const { return rule_ != nullptr; }
  // What choosing among the route's deployments takes. From then on the facts do not look into the body, which moves about from one
  // attempt to the next.
  const route::Facts& facts_for(const Meaning& meaning);

 private:
  void read_needs();

  const Exchange& x_;
  route::Facts facts_;
  const route::Rule* rule_ = nullptr;
  bool read_ = false;
  std::string model_, user_, words_;
};

}  // namespace pb::gateway
