// compare_model_categories: the best models of each kind of task.
#include <algorithm>
#include <set>

#include "tools/benchmark/arguments.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/benchmark/categories.h"
#include "tools/benchmark/gather.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

constexpr std::size_t kOverallMax = 10;

std::string input() {
  return R"({"type":"object","properties":{"top_n":{"type":"integer","minimum":1,"maximum":20,"default":3},)"
         R"("metric":{"type":"string","enum":["overall","speed","cost","quality","throughput","reliability"],"default":"overall"},)"
         R"("models":)" +
         models_schema(1) + "," + history_properties() + "," + plan_properties() +
         R"(},"additionalProperties":false})";
}

std::string output() {
  const std::string ranked =
      R"({"type":"array","items":{"type":"object","properties":{"rank":{"type":"integer"},"model":{"type":"string"},)"
      R"("value":{"type":"number"},"n":{"type":"integer"},"interval":{"type":"object"},"clearly_behind_the_first":{"type":"boolean"}},)"
      R"("required":["rank","model","value","n"]}})";
  return R"({"type":"object","properties":{"metric":{"type":"string"},"unit":{"type":"string"},"better":{"type":"string"},)"
         R"("category_info":{"type":"object","additionalProperties":{"type":"object","properties":{"title":{"type":"string"},)"
         R"("runs":{"type":"integer"},"models":{"type":"integer"}},"required":["runs","models"]}},)"
         R"("results":{"type":"object","additionalProperties":)" +
         ranked + R"(},"overall_ranking":)" + ranked +
         R"(,"benchmark":{"type":"string"},"notes":{"type":"array","items":{"type":"string"}}},)"
         R"("required":["metric","unit","better","category_info","results","overall_ranking","notes"]})";
}

void write_ranked(json::Writer& w, const Ranking& ranking, std::size_t most) {
  w.begin_array();
  for (std::size_t i = 0; i < ranking.models.size() && i < most; ++i) {
    const Ranked& r = ranking.models[i];
    w.begin_object();
    w.field("rank", r.rank);
    w.field("model", r.model);
    w.field("value", r.value);
    w.field("n", static_cast<std::int64_t>(r.n));
    write_interval(w, r.interval);
    if (r.rank > 1 && r.interval && ranking.models.front().interval)
      w.field("clearly_behind_the_first", r.clear);
    w.end_object();
  }
  w.end_array();
}

std::vector<Ranking> rankings_of(const std::vector<Run>& runs) { return rank(sum_up(runs), score(runs, {})); }

void write_categories(json::Writer& w, const std::vector<Run>& runs, Metric metric, std::size_t top) {
  std::set<std::string> names;
  for (const Run& r : runs)
    if (!r.category.empty()) names.insert(r.category);
  std::string results;
  json::Writer rw(results);
  rw.begin_object();
  w.key("category_info");
  w.begin_object();
  for (const std::string& name : names) {
    std::vector<Run> of;
    std::ranges::copy_if(runs, std::back_inserter(of), [&](const Run& r) { return r.category == name; });
    const auto rankings = rankings_of(of);
    const Ranking& ranking = ranking_of(rankings, metric);
    w.key(name);
    w.begin_object();
    if (const Category* known = find_category(name)) w.field("title", known->title);
    w.field("runs", static_cast<std::int64_t>(of.size()));
    w.field("models", static_cast<std::int64_t>(ranking.models.size() + ranking.unranked.size()));
    w.end_object();
    rw.key(name);
    write_ranked(rw, ranking, top);
  }
  w.end_object();
  rw.end_object();
  w.key("results");
  w.raw(results);
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, mcp::Context& context, json::Value a) {
  const Metric metric = metric_of(a["metric"].as_string("overall")).value_or(Metric::overall);
  const auto top = static_cast<std::size_t>(a["top_n"].as_int(3));
  auto wanted = read_wanted(a);
  if (!wanted) co_return error_result(wanted.error());
  for (const json::Value& c : a["categories"].items()) wanted->categories.emplace_back(c.as_string());
  if (wanted->measure != Measure::never && wanted->models.empty())
    co_return mcp::error_result("models: name some, since `measure` is not \"never\"");
  auto gathered = co_await gather(deps, context, std::move(*wanted));
  if (!gathered) co_return error_result(gathered.error());
  std::erase_if(gathered->runs, [](const Run& r) { return r.category.empty(); });
  if (gathered->runs.empty())
    co_return mcp::error_result(
        "the runs that fit belong to no category: run benchmark_models with `categories` or with `prompts` "
        "that have one");
  const auto all = rankings_of(gathered->runs);
  const Ranking& overall = ranking_of(all, metric);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("metric", name_of(metric));
  w.field("unit", unit_of(metric));
  w.field("better", lower_is_better(metric) ? "lower" : "higher");
  write_categories(w, gathered->runs, metric, top);
  w.key("overall_ranking");
  write_ranked(w, overall, kOverallMax);
  write_origin(w, *gathered);
  w.end_object();
  co_return mcp::structured_result(std::move(out));
}

}  // namespace

mcp::Tool compare_model_categories(const Deps& deps) {
  return make_tool<run>(
      deps, {.name = "compare_model_categories",
             .title = "Compare models by category",
             .description = "Tells the best models of each category of tasks by one metric, from the runs of "
                            "kept benchmarks. Where `models` are named, those without kept runs in the "
                            "categories are measured now, which costs money, unless `measure` is never.",
             .input = input(),
             .output = output(),
             .hints = kMeasuresModels,
             .task_use = mcp::TaskUse::allowed});
}

}  // namespace pb::tools::bench
