#include "tools/benchmark/report.h"

#include <array>
#include <charconv>

#include "base/limits_benchmark.h"
#include "base/utf8.h"
#include "base/when.h"
#include "tools/benchmark/quality.h"

namespace pb::tools::bench {
namespace {

void write_run(json::Writer& w, const Run& r, std::size_t text_max) {
  w.begin_object();
  w.field("number", r.number);
  w.field("model", r.model);
  if (!r.provider.empty()) w.field("provider", r.provider);
  if (!r.answered_by.empty()) w.field("answered_by", r.answered_by);
  w.field("prompt", r.prompt);
  if (!r.category.empty()) w.field("category", r.category);
  w.field("run", r.run);
  w.field("begun", time_text(r.begun_ms));
  w.field("success", r.error.empty());
  if (!r.error.empty()) {
    w.field("error", r.error);
    if (!r.message.empty()) w.field("message", r.message);
    w.end_object();
    return;
  }
  if (!r.cache.empty()) w.field("cache", r.cache);
  w.field("finish_reason", r.finish);
  w.field("response_ms", static_cast<double>(r.latency_us) / 1000);
  if (r.first_token_us >= 0) w.field("first_token_ms", static_cast<double>(r.first_token_us) / 1000);
  if (r.usage_known) {
    w.field("input_tokens", r.input);
    w.field("output_tokens", r.output);
  }
  if (r.cost_known) w.field("cost", r.cost);
  w.field("response_length", r.chars);
  w.field("contains_code", r.has_code);
  if (r.quality >= 0) {
    w.field("quality", r.quality);
    w.field("quality_by", r.quality_by);
    if (!r.grades.empty()) {
      w.key("grades");
      w.raw(r.grades);
    }
  }
  if (!r.answer.empty()) w.field("response", utf8::beginning(r.answer, text_max));
  if (r.answer.size() > text_max) w.field("response_cut", true);
  w.end_object();
}

}  // namespace

Report make_report(store::Benchmark benchmark, std::vector<Run> runs, const Weights& weights) {
  Report r;
  r.benchmark = std::move(benchmark);
  r.runs = std::move(runs);
  r.metrics = sum_up(r.runs);
  r.scores = score(r.runs, weights);
  r.rankings = rank(r.metrics, r.scores);
  return r;
}

std::string best_of(const Report& report) {
  const Ranking& overall = ranking_of(report.rankings, Metric::overall);
  if (overall.models.empty()) return {};
  const std::string& first = overall.models.front().model;
  for (const ModelMetrics& m : report.metrics)
    if (m.model == first) return m.succeeded == 0 ? std::string() : first;
  return {};
}

void write_members(json::Writer& w, const Report& report, Runs runs) {
  const store::Benchmark& b = report.benchmark;
  w.field("id", b.id);
  w.field("state", b.state);
  w.field("timestamp", time_text(b.begun_ms));
  if (b.ended_ms != 0) w.field("ended", time_text(b.ended_ms));
  w.key("config");
  w.raw(b.config.empty() ? "{}" : b.config);
  if (const std::string best = best_of(report); !best.empty()) w.field("best_model", best);
  w.key("results");
  w.begin_array();
  for (const ModelMetrics& m : report.metrics) write(w, m);
  w.end_array();
  w.key("rankings");
  w.begin_array();
  for (const Ranking& r : report.rankings) write(w, r);
  w.end_array();
  const Weights& used = report.scores.weights;
  w.key("weights");
  w.begin_object();
  w.field("speed", used.speed);
  w.field("cost", used.cost);
  w.field("quality", used.quality);
  w.field("throughput", used.throughput);
  w.end_object();
  if (runs == Runs::none) return;
  const std::size_t text_max = runs == Runs::whole || report.runs.empty()
                                   ? std::string::npos
                                   : limits::kBenchmarkToldBytesMax / report.runs.size();
  w.key("runs");
  w.begin_array();
  for (const Run& r : report.runs) write_run(w, r, text_max);
  w.end_array();
}

std::string report_properties() {
  return R"("id":{"type":"string"},"state":{"type":"string","enum":["running","done","limited","cancelled","interrupted"]},)"
         R"("timestamp":{"type":"string"},"ended":{"type":"string"},"config":{"type":"object"},"best_model":{"type":"string"},)"
         R"("results":{"type":"array","items":)" +
         std::string(kMetricsSchema) + R"(},"rankings":{"type":"array","items":)" +
         std::string(kRankingSchema) +
         R"(},"weights":{"type":"object","additionalProperties":{"type":"number"}},"runs":{"type":"array","items":{"type":"object"}})";
}

std::string json_report(const Report& report, Runs runs) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  write_members(w, report, runs);
  w.end_object();
  return out;
}

std::string fixed(double value, int digits) {
  std::array<char, 400> buffer;  // the longest double has some 310 digits
  const auto done =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits);
  return {buffer.data(), done.ptr};
}

std::string csv_text(std::string_view text) {
  std::string out;
  // Spreadsheets take what begins so for a formula.
  if (!text.empty() && std::string_view("=+-@\t\r").contains(text.front())) out += '\'';
  out += text;
  if (out.find_first_of(",\"\r\n") == out.npos) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + '"';
}

std::string csv_report(const Report& report) {
  std::string out =
      "model_id,provider,runs,succeeded,success_rate,success_rate_low,success_rate_high,"
      "avg_response_time_ms,avg_response_time_ms_low,avg_response_time_ms_high,min_response_time_ms,"
      "max_response_time_ms,p50_response_time_ms,p95_response_time_ms,avg_first_token_ms,avg_cost,total_cost,"
      "quality_score,quality_score_low,quality_score_high,quality_by,throughput,avg_input_tokens,"
      "avg_output_tokens,tokens_used,response_length,contains_code,overall_score,overall_rank,errors\r\n";
  const auto number = [&](const Spread& s, double value, int digits) {
    out += ',';
    if (s.n != 0) out += fixed(value, digits);
  };
  const auto interval = [&](const std::optional<Interval>& i, int digits) {
    out += ',' + (i ? fixed(i->low, digits) : "") + ',' + (i ? fixed(i->high, digits) : "");
  };
  for (const ModelMetrics& m : report.metrics) {
    out += csv_text(m.model) + ',' + csv_text(m.provider) + ',' + std::to_string(m.runs) + ',' +
           std::to_string(m.succeeded) + ',' + fixed(m.success_rate(), 4);
    interval(m.success, 4);
    number(m.response_ms, m.response_ms.mean, 3);
    interval(m.response_ms.interval, 3);
    number(m.response_ms, m.response_ms.min, 3);
    number(m.response_ms, m.response_ms.max, 3);
    number(m.response_ms, m.response_ms.p50, 3);
    number(m.response_ms, m.response_ms.p95, 3);
    number(m.first_token_ms, m.first_token_ms.mean, 3);
    number(m.cost, m.cost.mean, 8);
    number(m.cost, m.cost.sum, 8);
    number(m.quality, m.quality.mean, 4);
    interval(m.quality.interval, 4);
    out += ',' + m.quality_by;
    number(m.throughput, m.throughput.mean, 2);
    number(m.input, m.input.mean, 1);
    number(m.output, m.output.mean, 1);
    number(m.input, m.input.sum + m.output.sum, 0);
    number(m.chars, m.chars.mean, 1);
    out += ',' + std::to_string(m.with_code);
    const Ranking& overall = ranking_of(report.rankings, Metric::overall);
    std::string score = ",,";
    for (const Ranked& r : overall.models)
      if (r.model == m.model) score = ',' + fixed(r.value, 4) + ',' + std::to_string(r.rank);
    out += score;
    std::string errors;
    for (const auto& [code, count] : m.errors)
      errors += (errors.empty() ? "" : "; ") + code + " x" + std::to_string(count);
    out += ',' + csv_text(errors) + "\r\n";
  }
  return out;
}

}  // namespace pb::tools::bench
