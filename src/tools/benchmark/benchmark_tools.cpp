#include "tools/benchmark/benchmark_tools.h"

#include "base/clock.h"
#include "base/strings.h"
#include "tools/benchmark/on_disk.h"
#include "tools/benchmark/report.h"
#include "tools/benchmark/runner.h"
#include "tools/tool.h"

namespace pb::tools {
namespace bench {
namespace {

Task<mcp::Outcome<std::string>> read(Deps deps, const mcp::Context& context, std::string uri) {
  const std::string id = percent_decode(mcp::template_value(kBenchmarkUri, uri, "id"));
  auto found = co_await on_disk(
      deps.gateway.blocking(),
      [store = deps.benchmarks, id, owner = sees(context)]() -> Result<std::optional<std::string>> {
        TRY_ASSIGN(auto benchmark, store->find(id, owner, unix_ms()));
        if (!benchmark) return std::nullopt;
        TRY_ASSIGN(auto runs, store->runs_of(id));
        return json_report(make_report(std::move(*benchmark), std::move(runs)), Runs::told);
      });
  if (!found) co_return mcp::fault(mcp::kServerError, found.error().message);
  if (!*found) co_return mcp::resource_not_found(uri);
  co_return "[" + mcp::text_contents(uri, "application/json", **found) + "]";
}

}  // namespace

Task<mcp::Outcome<mcp::Completed>> complete_ids(Deps deps, const mcp::Context& context,
                                                const mcp::CompletionQuery& query) {
  if (deps.benchmarks == nullptr) co_return mcp::Completed();
  auto ids = co_await on_disk(deps.gateway.blocking(),
                              [store = deps.benchmarks, prefix = std::string(query.value),
                               owner = sees(context)] { return store->ids(prefix, owner); });
  if (!ids) co_return mcp::fault(mcp::kServerError, ids.error().message);
  co_return mcp::Completed{std::move(*ids), 0};
}

}  // namespace bench

void add_benchmark_tools(const Deps& deps, mcp::Offer& offer) {
  add_tools(deps,
            {bench::compare_models, bench::benchmark_models, bench::compare_model_performance,
             bench::compare_model_categories, bench::get_benchmark_history, bench::export_benchmark_report},
            offer);
  if (deps.benchmarks == nullptr) return;
  offer.templates.push_back(
      {std::string(kBenchmarkUri), "benchmark", "Benchmark", "A kept benchmark's figures, rankings and runs",
       "application/json",
       [deps](mcp::Context& c, std::string_view uri) { return bench::read(deps, c, std::string(uri)); }});
}

}  // namespace pb::tools
