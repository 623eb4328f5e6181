// A benchmark as a page for people.
#include <algorithm>

#include "base/utf8.h"
#include "base/when.h"
#include "tools/benchmark/quality.h"
#include "tools/benchmark/report.h"

namespace pb::tools::bench {
namespace {

constexpr std::size_t kPreviewBytes = 200;

std::string ranged(double value, const std::optional<Interval>& i, int digits, double factor = 1) {
  std::string out = fixed(value * factor, digits);
  if (i) out += " (" + fixed(i->low * factor, digits) + " to " + fixed(i->high * factor, digits) + ")";
  return out;
}

std::string cell(const Spread& s, int digits) {
  return s.n == 0 ? std::string("unknown") : ranged(s.mean, s.interval, digits);
}

void comparison(std::string& out, const Report& report) {
  out +=
      "## Comparison\n\nMeans, with the interval of 95 % confidence where there are at least two runs.\n\n"
      "| rank | model | overall | success % | response ms | first token ms | tokens/s | US$ an answer | "
      "quality "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const Ranked& r : ranking_of(report.rankings, Metric::overall).models) {
    const auto m = std::ranges::find(report.metrics, r.model, &ModelMetrics::model);
    out += "| " + std::to_string(r.rank) + " | " + markdown_text(r.model) + " | " +
           ranged(r.value, r.interval, 3) + " | " + ranged(m->success_rate(), m->success, 0, 100) + " | " +
           cell(m->response_ms, 0) + " | " + cell(m->first_token_ms, 0) + " | " + cell(m->throughput, 1) +
           " | " + cell(m->cost, 6) + " | " + cell(m->quality, 3) + " |\n";
  }
  out += '\n';
}

void charts(std::string& out, const Report& report) {
  out += "## Charts\n\n";
  for (const Ranking& r : report.rankings) {
    if (r.models.empty()) continue;
    std::vector<Bar> bars;
    bars.reserve(r.models.size());
    for (const Ranked& m : r.models) bars.push_back({m.model, m.value, m.interval});
    std::string title(name_of(r.metric));
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    title += lower_is_better(r.metric) ? " (less is better)" : " (more is better)";
    out += bar_chart(title, unit_of(r.metric), bars) + "\n\n";
  }
}

void rankings(std::string& out, const Report& report) {
  out += "## Rankings\n\n";
  for (const Ranking& r : report.rankings) {
    if (r.models.empty()) continue;
    out += "- **" + std::string(name_of(r.metric)) + "**: ";
    for (std::size_t i = 0; i < r.models.size(); ++i) {
      const Ranked& m = r.models[i];
      out += (i == 0 ? "" : "; ") + std::to_string(m.rank) + ". " + markdown_text(m.model);
      if (i > 0 && m.interval && r.models.front().interval && !m.clear)
        out += " (not clearly behind the first)";
    }
    out += '\n';
  }
  out += '\n';
}

void spread_row(std::string& out, std::string_view what, const Spread& s, int digits) {
  if (s.n == 0) return;
  out += "| " + std::string(what) + " | " + fixed(s.mean, digits) + " | " + fixed(s.min, digits) + " | " +
         fixed(s.p50, digits) + " | " + fixed(s.p95, digits) + " | " + fixed(s.max, digits) + " | " +
         (s.n > 1 ? fixed(s.deviation, digits) : std::string("-")) + " | " + std::to_string(s.n) + " |\n";
}

void model_block(std::string& out, const Report& report, const ModelMetrics& m) {
  out += "### " + markdown_text(m.model) + "\n\n" + std::to_string(m.succeeded) + " of " +
         std::to_string(m.runs) + " runs succeeded";
  for (const auto& [code, count] : m.errors) out += "; " + markdown_text(code) + ": " + std::to_string(count);
  out += ".";
  if (m.cached != 0) out += " " + std::to_string(m.cached) + " came from the cache and are not measured.";
  if (m.cost.n != 0) out += " Total cost US$ " + fixed(m.cost.sum, 6) + ".";
  out += "\n\n";
  if (m.succeeded == 0) return;
  out += "| | avg | min | p50 | p95 | max | std | n |\n|---|---|---|---|---|---|---|---|\n";
  spread_row(out, "response ms", m.response_ms, 0);
  spread_row(out, "first token ms", m.first_token_ms, 0);
  spread_row(out, "tokens/s", m.throughput, 1);
  spread_row(out, "input tokens", m.input, 0);
  spread_row(out, "output tokens", m.output, 0);
  spread_row(out, "US$", m.cost, 6);
  spread_row(out, "quality", m.quality, 3);
  spread_row(out, "answer bytes", m.chars, 0);
  out += '\n';
  const auto kept = std::ranges::find_if(
      report.runs, [&](const Run& r) { return r.model == m.model && r.error.empty() && !r.answer.empty(); });
  if (kept == report.runs.end()) return;
  const std::string_view preview = utf8::beginning(kept->answer, kPreviewBytes);
  out += "> " + markdown_text(preview) + (preview.size() < kept->answer.size() ? " …" : "") + "\n\n";
}

void method(std::string& out, const Report& report) {
  const auto judged = std::ranges::any_of(
      report.metrics, [](const ModelMetrics& m) { return m.quality_by.starts_with("judge"); });
  const auto ruled = std::ranges::any_of(
      report.metrics, [](const ModelMetrics& m) { return m.quality_by.ends_with("heuristic"); });
  out += "## How this was measured\n\n";
  if (judged) out += "- " + std::string(kRubricNote) + "\n";
  if (ruled) out += "- " + std::string(kHeuristicsNote) + "\n";
  const Weights& w = report.scores.weights;
  out +=
      "- Overall: speed " + fixed(w.speed * 100, 0) + " %, cost " + fixed(w.cost * 100, 0) + " %, quality " +
      fixed(w.quality * 100, 0) + " %, throughput " + fixed(w.throughput * 100, 0) +
      " %; 0.5 in speed, cost and throughput is the middle of all runs compared, a run that failed scores 0.";
  if (!report.scores.left_out.empty()) {
    out += " Left out, because it is not known of every model:";
    for (const std::string& name : report.scores.left_out) out += " " + name;
    out += ".";
  }
  out +=
      "\n- Intervals: Student's t for means, Wilson's for success rates. One run has none: it says nothing "
      "about "
      "how far the next would be from it.\n"
      "- Where two intervals overlap, chance may have made the order; more runs tell.\n"
      "- Times are those of the gateway's requests, from the first byte sent to the last received.\n";
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n')
      out += ' ';
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else {
      if (std::string_view("\\`*_[]|#~!").contains(c)) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string markdown_report(const Report& report) {
  const store::Benchmark& b = report.benchmark;
  std::size_t answered = 0, runs = 0, good = 0;
  for (const ModelMetrics& m : report.metrics) {
    answered += m.succeeded != 0 ? 1 : 0;
    runs += m.runs;
    good += m.succeeded;
  }
  std::string out = "# Benchmark " + b.id + "\n\nMeasured on " + time_text(b.begun_ms) +
                    "; state: " + b.state + ". " + std::to_string(report.metrics.size()) +
                    " models tested, " + std::to_string(answered) + " answered; " + std::to_string(good) +
                    " of " + std::to_string(runs) + " runs succeeded.";
  if (const std::string best = best_of(report); !best.empty())
    out += " Best overall: " + markdown_text(best) + ".";
  out += "\n\n";
  comparison(out, report);
  rankings(out, report);
  charts(out, report);
  out += "## Models\n\n";
  for (const ModelMetrics& m : report.metrics) model_block(out, report, m);
  method(out, report);
  return out;
}

}  // namespace pb::tools::bench
