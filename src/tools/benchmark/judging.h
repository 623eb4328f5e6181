// Has a judge model grade a benchmark's answers.
#pragma once
#include "tools/benchmark/runner.h"

namespace pb::tools::bench {

// Asks the judge once for each prompt and run, with the answers of all models; puts its grades into the runs. What could not be graded keeps
// what it has. `done` and `total` are of the progress.
Task<Judged> judge_all(const Deps& deps, mcp::Context& context, const Plan& plan, std::vector<Run>& runs,
                       Allowance& left, std::int64_t& done, std::int64_t total);
// Says what to think of the grades. Where the judge graded some sets only, the rest loses its heuristic quality: the two do not mix.
void note_judging(const Plan& plan, const Judged& judged, std::vector<Run>& runs,
                  std::vector<std::string>& notes);

}  // namespace pb::tools::bench
