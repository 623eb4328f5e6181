// A benchmark as people and programs read it: Markdown with charts, CSV, JSON. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/benchmark/metrics.h"

namespace pb::tools::bench {

struct Report {
  store::Benchmark benchmark;
  std::vector<Run> runs;
  std::vector<ModelMetrics> metrics;
  Scores scores;
  std::vector<Ranking> rankings;
};
Report make_report(store::Benchmark benchmark, std::vector<Run> runs, const Weights& weights = {});
// The model that came out first; "" where no run succeeded.
std::string best_of(const Report& report);

// Its members, in an object that is open. `runs`: each of them too, with texts where they were kept; `whole`: however long these are.
enum class Runs : std::uint8_t { none, told, whole };
void write_members(json::Writer& w, const Report& report, Runs runs);
// The properties of what is written, for a JSON Schema: `"id":{…},…`.
std::string report_properties();
std::string json_report(const Report& report, Runs runs = Runs::whole);  // UTF-8, one object
std::string csv_report(const Report& report);                            // RFC 4180, one line a model
std::string markdown_report(const Report& report);                       // with charts as inline SVG

struct Bar {
  std::string label;
  double value = 0;
  std::optional<Interval> interval;
};
// Horizontal bars with whiskers for the intervals. Every text in it is escaped.
std::string bar_chart(std::string_view title, std::string_view unit, const std::vector<Bar>& bars);

// With so many digits behind the point, whatever the locale.
std::string fixed(double value, int digits);
// For a cell of a Markdown table: no mark-up, no line ends.
std::string markdown_text(std::string_view text);
std::string csv_text(std::string_view text);
std::string xml_text(std::string_view text);

}  // namespace pb::tools::bench
