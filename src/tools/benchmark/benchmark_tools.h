// Comparisons and benchmarks of models: tools, the resource of each benchmark, and completion of their ids.
#pragma once
#include "mcp/offer.h"
#include "tools/tools.h"

namespace pb::tools {

inline constexpr std::string_view kBenchmarkUri = "stats://benchmarks/{id}";

void add_benchmark_tools(const Deps& deps, mcp::Offer& offer);

namespace bench {

// Ids of benchmarks that the caller may see, by their beginning.
Task<mcp::Outcome<mcp::Completed>> complete_ids(Deps deps, const mcp::Context& context,
                                                const mcp::CompletionQuery& query);

// One file each.
mcp::Tool compare_models(const Deps& deps);
mcp::Tool benchmark_models(const Deps& deps);
mcp::Tool get_benchmark_history(const Deps& deps);
mcp::Tool compare_model_categories(const Deps& deps);
mcp::Tool compare_model_performance(const Deps& deps);
mcp::Tool export_benchmark_report(const Deps& deps);

}  // namespace bench
}  // namespace pb::tools
