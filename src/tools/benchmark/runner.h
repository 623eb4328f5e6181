// Runs a benchmark: the models at the same time, each one's runs one after the other.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tools/benchmark/metrics.h"
#include "tools/model_call.h"

namespace pb::tools::bench {

struct Prompt {
  std::string text, category;  // "" = none
};

struct Plan {
  std::vector<std::string> models;
  std::vector<Prompt> prompts;
  std::string system;
  int runs = 3;  // of each prompt with each model
  int delay_ms = 1000;
  int timeout_ms = 60'000;  // of one run
  int parallel = 0;         // models at a time; 0 = as many as the configuration grants
  double temperature = -1;  // negative = the provider's default
  std::int64_t max_tokens = 0;
  std::string judge;  // a model; "" = heuristics
  bool include_texts = false;
  bool save = true;
};
// Requests to models that it takes.
std::int64_t calls_of(const Plan& plan);
std::string config_json(const Plan& plan);  // texts only where they are to be kept

struct Judged {
  std::int64_t graded = 0, failed = 0;  // sets of answers
  double cost = 0;
  std::string why;       // the first failure
  bool limited = false;  // the allowance was used up before all was graded
};

struct Measured {
  store::Benchmark benchmark;
  std::vector<Run> runs;
  std::vector<std::string> notes;
  std::optional<Judged> judged;
  bool saved = false;
};
// Errors: invalid_request where the plan needs more requests than the configuration grants one call of a tool. A model that fails is no error.
// A caller that cancels ends the questions under way; what was measured until then is kept as "cancelled".
Task<Result<Measured>> measure(Deps deps, mcp::Context& context, Plan plan);

// Whose benchmarks a caller sees: nullopt = everybody's.
std::optional<std::string> sees(const mcp::Context& context);
std::string benchmark_uri(std::string_view id);

}  // namespace pb::tools::bench
