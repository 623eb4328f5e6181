#include "tools/benchmark/gather.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/limits_benchmark.h"
#include "tools/benchmark/arguments.h"
#include "tools/benchmark/on_disk.h"

namespace pb::tools::bench {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool wanted_category(const Wanted& wanted, const std::string& category) {
  return wanted.categories.empty() ||
         std::ranges::find(wanted.categories, category) != wanted.categories.end();
}

// Models, of those asked for, without a run in one of the categories asked for.
std::vector<std::string> missing(const Wanted& wanted, const std::vector<Run>& runs) {
  std::vector<std::string> out;
  for (const std::string& model : wanted.models) {
    const auto known = [&](const std::string& category) {
      return std::ranges::any_of(runs, [&](const Run& r) {
        return r.model == model && (category.empty() || r.category == category);
      });
    };
    const bool all = wanted.categories.empty() ? known("") : std::ranges::all_of(wanted.categories, known);
    if (!all) out.push_back(model);
  }
  return out;
}

Task<Result<std::vector<Run>>> kept(const Deps& deps, const mcp::Context& context, const Wanted& wanted) {
  if (deps.benchmarks == nullptr) co_return std::vector<Run>();
  store::BenchmarkFilter filter;
  filter.owner = sees(context);
  filter.now_ms = unix_ms();
  filter.from_ms = filter.now_ms - wanted.days_back * kDayMs;
  filter.models = wanted.models;
  filter.limit = limits::kBenchmarkRowsMax;
  auto runs = co_await on_disk(
      deps.gateway.blocking(),
      [store = deps.benchmarks, filter = std::move(filter),
       id = wanted.benchmark]() -> Result<std::vector<Run>> {
        if (id.empty()) return store->runs(filter);
        TRY_ASSIGN(const auto found, store->find(id, filter.owner, filter.now_ms));
        if (!found) return fail(Code::not_found, "there is no benchmark `" + id + "`", "benchmark");
        TRY_ASSIGN(auto all, store->runs_of(id));
        std::erase_if(all, [&](const Run& r) {
          return !filter.models.empty() && std::ranges::find(filter.models, r.model) == filter.models.end();
        });
        for (Run& r : all) r.benchmark = id;
        return all;
      });
  if (runs) std::erase_if(*runs, [&](const Run& r) { return !wanted_category(wanted, r.category); });
  co_return runs;
}

}  // namespace

Result<Wanted> read_wanted(json::Value a) {
  Wanted wanted;
  TRY_ASSIGN(wanted.models, read_models(a["models"]));
  wanted.plan = read_plan(a);
  wanted.benchmark = a["benchmark"].as_string();
  wanted.days_back = a["days_back"].as_int(30);
  wanted.measure = wanted.models.empty() ? Measure::never : Measure::missing;
  if (const std::string_view text = a["measure"].as_string(); !text.empty())
    wanted.measure = text == "always"    ? Measure::always
                     : text == "missing" ? Measure::missing
                                         : Measure::never;
  return wanted;
}

void write_origin(json::Writer& w, const Gathered& gathered) {
  if (!gathered.benchmark.empty()) w.field("benchmark", gathered.benchmark);
  w.strings("notes", gathered.notes);
}

Task<Result<Gathered>> gather(Deps deps, mcp::Context& context, Wanted wanted) {
  Gathered out;
  if (wanted.measure != Measure::always) {
    CO_TRY_ASSIGN(out.runs, co_await kept(deps, context, wanted));
  }
  std::vector<std::string> ask;
  if (wanted.measure == Measure::always) ask = wanted.models;
  if (wanted.measure == Measure::missing && wanted.benchmark.empty()) ask = missing(wanted, out.runs);
  if (!ask.empty()) {
    // What is measured now counts for its models, not mixed with what was before.
    std::erase_if(out.runs, [&](const Run& r) { return std::ranges::find(ask, r.model) != ask.end(); });
    CO_TRY_ASSIGN(Plan plan, std::move(wanted.plan));
    plan.models = ask;
    CO_TRY_ASSIGN(Measured measured, co_await measure(deps, context, std::move(plan)));
    out.benchmark = measured.benchmark.id;
    out.notes = std::move(measured.notes);
    for (Run& r : measured.runs) {
      r.benchmark = out.benchmark;
      out.runs.push_back(std::move(r));
    }
  }
  if (out.runs.empty())
    co_return fail(
        Code::not_found,
        "nothing was measured that fits, within the last " + std::to_string(wanted.days_back) +
            " days: run benchmark_models first, or name `models` and set `measure` to \"missing\"");
  for (const std::string& model : wanted.models)
    if (std::ranges::find(out.runs, model, &Run::model) == out.runs.end())
      out.notes.push_back("There are no runs of " + model);
  for (std::string& doubt : doubts(out.runs)) out.notes.push_back(std::move(doubt));
  co_return out;
}

std::vector<std::string> doubts(std::span<const Run> runs) {
  std::map<std::string, std::set<std::string>> benchmarks;
  std::set<std::string> ways;
  for (const Run& r : runs) {
    benchmarks[r.model].insert(r.benchmark);
    if (r.error.empty() && !r.quality_by.empty()) ways.insert(r.quality_by);
  }
  std::vector<std::string> out;
  for (const auto& [model, of] : benchmarks)
    if (of != benchmarks.begin()->second) {
      out.emplace_back(
          "The models were not measured in the same benchmarks, so not with the same questions at the same "
          "time; `measure` "
          "\"always\" measures all of them now");
      break;
    }
  if (ways.size() > 1)
    out.emplace_back(
        "The quality of some runs is a judge's and of others that of plain rules: these do not compare well");
  return out;
}

}  // namespace pb::tools::bench
