// For tests of routing: a route made of a few words, whose parts can be changed.
#pragma once
#include <string>
#include <vector>

#include "route/select.h"

namespace pb::route::testing {

// Draws the numbers that it was given, again and again.
inline Dice dice(std::vector<double> numbers) {
  return [numbers = std::move(numbers), at = std::size_t{0}]() mutable {
    return numbers[at++ % numbers.size()];
  };
}

// Numbers that look like chance and are the same in every run.
inline Dice shaken(std::uint64_t state = 1) {
  return [state]() mutable {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    return static_cast<double>(state >> 11) * 0x1p-53;
  };
}

struct Bed {
  explicit Bed(Strategy strategy, std::size_t n) {
    route.name = "main";
    route.strategy = strategy;
    for (std::size_t i = 0; i < n; ++i) {
      Deployment d;
      d.model = std::string(1, static_cast<char>('a' + i));
      route.deployments.push_back(d);
    }
    for (Deployment& d : route.deployments) {
      Slot slot;
      slot.deployment = &d;
      slot.live = &board.of("p/" + d.model);
      slots.push_back(slot);
    }
  }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;

  Deployment& deployment(std::size_t i) { return route.deployments[i]; }
  Live& live(std::size_t i) { return *slots[i].live; }
  Order decide(const Dice& with, bool explain = false) {
    return order(route, slots, facts, now_ms, with, explain);
  }
  // The models in the order chosen: "bac".
  std::string order_of(const Dice& with) {
    std::string out;
    for (std::uint16_t slot : decide(with).slots) out += route.deployments[slot].model;
    return out;
  }
  std::string first_of(const Dice& with) { return order_of(with).substr(0, 1); }
  // Why a deployment is where it is.
  std::string why(std::size_t i) {
    for (const Verdict& v : decide(dice({0.5}), true).verdicts)
      if (v.slot == i) return (v.usable ? "" : "no: ") + v.why;
    return "no verdict";
  }

  Board board;
  Route route;
  std::vector<Slot> slots;
  Facts facts;
  std::int64_t now_ms = 1'000'000;
};

}  // namespace pb::route::testing
