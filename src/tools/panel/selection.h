// One model for one request: the best by what the router knows, within what the caller wants. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/panel/ranking.h"

namespace pb::tools::panel {

enum class Aim : std::uint8_t {
  adaptive,           // as the smart strategy weighs: by the task's kind and difficulty
  performance_based,  // who answers, and fast
  cost_optimized,
  speed_optimized,
  quality_optimized,
  load_balanced,  // who has the least to do
};
inline constexpr std::array<std::string_view, 6> kAimNames = {"adaptive",          "performance_based",
                                                              "cost_optimized",    "speed_optimized",
                                                              "quality_optimized", "load_balanced"};

// 0 … 1 each, 1 is best; what is not known counts as middling and is told to be unknown.
struct Metrics {
  double quality = 0, cost = 0, speed = 0, reliability = 0, idle = 1;
  bool cost_known = false, speed_known = false, reliability_known = false, quality_known = false;
  double known() const;  // which share of the four is known
};

struct Wishes {
  Aim aim = Aim::adaptive;
  double quality = 0, cost = 0, speed = 0, reliability = 0;     // what a model should have at least
  std::optional<double> dollars_max = {}, latency_ms_max = {};  // hard: what is not known does not pass
  std::int64_t context_least = 0;                               // hard
  std::string preferred_provider = {};                          // goes before others that pass, too
};

struct Choice {
  std::size_t slot = 0;
  route::Weighed of;
  Metrics metrics;
  double score = 0;
  bool meets = true;  // the wishes' four scores
};
struct Passed {
  std::size_t slot = 0;
  std::string why;
};
struct Selection {
  route::Task task;
  std::vector<Choice> choices;  // the best first; empty: nobody passes
  std::vector<Passed> left_out;
  double confidence = 0;  // 0 … 1: how much is known of the first, and how far it is ahead
  std::string why;        // for people
  std::string why_confident;
};

// `provider_of`: by slot.
Selection select(std::span<const route::Slot> slots, std::span<const std::string> provider_of, const Job& job,
                 const Wishes& wishes, std::int64_t now_ms);

}  // namespace pb::tools::panel
