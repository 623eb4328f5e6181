// export_benchmark_report: a kept benchmark as a file in the folder for reports.
#include "base/clock.h"
#include "base/limits_benchmark.h"
#include "config/load.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/benchmark/export_file.h"
#include "tools/benchmark/on_disk.h"
#include "tools/benchmark/report.h"
#include "tools/benchmark/runner.h"
#include "tools/model_call.h"
#include "tools/tool.h"

namespace pb::tools::bench {
namespace {

constexpr std::string_view kInput = R"({
  "type":"object",
  "properties":{
    "benchmark":{"type":"string","minLength":1,"maxLength":100,"description":"A benchmark's id, as get_benchmark_history has it"},
    "format":{"type":"string","enum":["markdown","csv","json"],"default":"markdown"},
    "output_file":{"type":"string","description":"A file's name, without a folder; default: the id with .md, .csv or .json"},
    "overwrite":{"type":"boolean","default":false}
  },
  "required":["benchmark"],
  "additionalProperties":false
})";
constexpr std::string_view kOutput = R"({
  "type":"object",
  "properties":{
    "benchmark":{"type":"string"},"format":{"type":"string"},"output_path":{"type":"string"},"bytes":{"type":"integer"},
    "models_included":{"type":"array","items":{"type":"string"}}
  },
  "required":["benchmark","format","output_path","bytes","models_included"]
})";

struct Job {
  store::BenchmarkStore* store = nullptr;
  std::string id, format, name, folder, own;
  std::optional<std::string> owner;
  bool overwrite = false;
};

// On a thread of the pool.
Result<std::string> run_job(const Job& job) {
  TRY_ASSIGN(auto benchmark, job.store->find(job.id, job.owner, unix_ms()));
  if (!benchmark)
    return fail(Code::not_found,
                "there is no benchmark `" + job.id + "`; get_benchmark_history tells which there are",
                "benchmark");
  TRY_ASSIGN(auto runs, job.store->runs_of(job.id));
  const Report report = make_report(std::move(*benchmark), std::move(runs));
  const std::string text = job.format == "csv"    ? csv_report(report)
                           : job.format == "json" ? json_report(report)
                                                  : markdown_report(report);
  if (text.size() > limits::kBenchmarkReportBytesMax)
    return fail(Code::too_large, "the report has " + std::to_string(text.size()) + " bytes, at most " +
                                     std::to_string(limits::kBenchmarkReportBytesMax) + " are written");
  TRY_ASSIGN(const std::string path, write_report({job.folder, job.own}, job.name, text, job.overwrite));
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("benchmark", job.id);
  w.field("format", job.format);
  w.field("output_path", path);
  w.field("bytes", static_cast<std::int64_t>(text.size()));
  w.key("models_included");
  w.begin_array();
  for (const ModelMetrics& m : report.metrics) w.string(m.model);
  w.end_array();
  w.end_object();
  return out;
}

Task<mcp::Outcome<mcp::ToolResult>> run(Deps deps, const mcp::Context& context, json::Value a) {
  if (deps.benchmarks == nullptr) co_return mcp::error_result("no history is kept here");
  Job job;
  job.store = deps.benchmarks;
  job.id = a["benchmark"].as_string();
  job.format = a["format"].as_string("markdown");
  const std::string extension = job.format == "csv" ? ".csv" : job.format == "json" ? ".json" : ".md";
  job.name = a.has("output_file") ? std::string(a["output_file"].as_string()) : job.id + extension;
  if (std::string fault = file_name_fault(job.name); a.has("output_file") && !fault.empty())
    co_return mcp::error_result(fault);
  job.folder = config::export_dir(deps.gateway.snapshot().config(), config::Environment::process());
  // Keys do not see one another's reports, nor write over them.
  if (const gateway::KeyEntry* key = caller_of(context.principal()).key) job.own = key->key.id;
  job.owner = sees(context);
  job.overwrite = a["overwrite"].as_bool(false);
  auto done = co_await on_disk(deps.gateway.blocking(), [job = std::move(job)] { return run_job(job); });
  if (!done) co_return error_result(done.error());
  co_return mcp::structured_result(std::move(*done));
}

}  // namespace

mcp::Tool export_benchmark_report(const Deps& deps) {
  return make_tool<run>(
      deps,
      {.name = "export_benchmark_report",
       .title = "Export a benchmark's report",
       .description = "Writes a kept benchmark's report into the folder for reports on the gateway's "
                      "machine: Markdown with charts, CSV with one line a model, or JSON with everything.",
       .input = kInput,
       .output = kOutput,
       .hints = {mcp::Hint::no, mcp::Hint::yes, mcp::Hint::no, mcp::Hint::no}});
}

}  // namespace pb::tools::bench
