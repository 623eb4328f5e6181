// The runs that a comparison is made of: kept ones, new ones, or both.
#pragma once
#include <string>
#include <vector>

#include "tools/benchmark/runner.h"

namespace pb::tools::bench {

enum class Measure : std::uint8_t { never, missing, always };

struct Wanted {
  std::vector<std::string> models;      // none = all that are kept
  std::vector<std::string> categories;  // none = all
  std::string benchmark;                // only this one's runs; "" = of all
  std::int64_t days_back = 30;
  Measure measure = Measure::missing;
  Result<Plan> plan = Plan();  // for those that are measured now; its fault counts only then
};

struct Gathered {
  std::vector<Run> runs;
  std::vector<std::string> notes;
  std::string benchmark;  // what was measured now; "" = nothing
};

// All but `categories`, which are not of the history in every comparison. The schema has been checked. Errors: as read_models().
Result<Wanted> read_wanted(json::Value arguments);

// Errors: not_found where there are no runs at all, or no such benchmark; those of measure().
Task<Result<Gathered>> gather(Deps deps, mcp::Context& context, Wanted wanted);

// The members `benchmark`, where something was measured now, and `notes`.
void write_origin(json::Writer& w, const Gathered& gathered);

// What makes these runs hard to compare: models measured in different benchmarks, quality told in different ways. Pure.
std::vector<std::string> doubts(std::span<const Run> runs);

}  // namespace pb::tools::bench
