// A strategy: one way to put the usable deployments of a route in order. Each is a file here and a row in table.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "route/select.h"
#include "route/task.h"

namespace pb::route {

struct Candidate {
  std::uint16_t slot = 0;
  std::uint8_t rank = 0;  // candidates of a lower one come first, whatever the strategy says
  double score = 0;       // the strategy's own, told to people
  double key = 0;         // what the strategy sorts by: the lowest first
};

struct Choosing {
  const Route& route;
  std::span<const Slot> slots;
  const Facts& facts;
  std::int64_t now_ms;
  const Dice& dice;
  bool first = true;  // the request goes to one of these: only then may a strategy change what it remembers
  // Of the smart strategy, for its explanation:
  Task task = {};
  bool explored = false;

  const Slot& slot(const Candidate& c) const { return slots[c.slot]; }
};

struct StrategyRow {
  Strategy strategy;
  // Puts the candidates (at least one) in order and sets their scores. Returns how many of the first are as good as each other: a
  // sticky conversation may stay with any of these.
  std::size_t (*rank)(Choosing& choosing, std::span<Candidate> candidates);
  // What a candidate's score means: "priority 1", "312 ms to the first token".
  std::string (*why)(const Choosing& choosing, const Candidate& candidate);
};

std::span<const StrategyRow> strategies();  // in the order of the enum
const StrategyRow& row_of(Strategy strategy);

// Each file's own row.
extern const StrategyRow kPriority, kWeighted, kRoundRobin, kLeastConnections, kResponseTime, kCheapest,
    kSmart;

// Shared by several of them.

// A deployment's share of the draws: its weight, less as its quota runs out.
double weight_of(const Slot& slot);
// For drawing in proportion to weights: the lowest of these numbers wins (exponentially distributed with the weight as rate).
double draw(const Choosing& choosing, const Slot& slot);
// By key, the lowest first.
void sort(std::span<Candidate> candidates);
// How many candidates at the beginning have nearly the first one's score.
std::size_t equals(std::span<const Candidate> candidates, double within);
// Dollars that the request may cost there; -1 = the price is not known.
double expected_cost(const Slot& slot, const Facts& facts);
// "0.0021", "312": `digits` after the point.
std::string number(double value, int digits);

}  // namespace pb::route
