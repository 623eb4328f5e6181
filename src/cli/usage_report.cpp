#include "cli/usage_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/json.h"
#include "cli/text.h"
#include "store/usage_json.h"

namespace pb::cli {
namespace {

using store::UsageSum;

std::string milliseconds(std::int64_t us) {
  if (us < 0) return "-";
  if (us >= 100'000) return thousands((us + 500) / 1000);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(us) / 1000);
  return text;
}

// "0.1234", "?" when no price is known, "0.1234+" when some are not.
std::string cost(const UsageSum& sum) {
  if (sum.cost_unknown > 0 && sum.cost == 0) return "?";
  char text[64];
  std::snprintf(text, sizeof text, "%.4f", sum.cost);
  std::string all = text;
  const std::size_t point = all.find('.');
  for (std::size_t at = point; at > 3;) all.insert(at -= 3, ",");
  return sum.cost_unknown > 0 ? all + "+" : all;
}

std::vector<const store::UsageGroup*> columns_of(const std::vector<std::string>& by) {
  std::vector<const store::UsageGroup*> columns;
  for (const store::UsageGroup& column : store::usage_groups())
    if (std::find(by.begin(), by.end(), column.name) != by.end()) columns.push_back(&column);
  return columns;
}

std::string dollars(double amount) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4f", amount);
  return text;
}

// `cache`: with what came from there.
std::vector<std::string> numbers_of(const UsageSum& s, bool cache) {
  const auto tokens = [&s](std::int64_t n) { return (s.estimated > 0 ? "~" : "") + thousands(n); };
  std::vector<std::string> out = {thousands(s.requests),
                                  thousands(s.errors),
                                  tokens(s.input),
                                  tokens(s.output),
                                  thousands(s.cache_read),
                                  thousands(s.cache_write),
                                  thousands(s.reasoning),
                                  cost(s),
                                  milliseconds(s.latency_us_avg),
                                  milliseconds(s.latency_us_p50),
                                  milliseconds(s.latency_us_p99),
                                  milliseconds(s.first_token_us_avg)};
  if (cache) out.insert(out.end(), {thousands(s.cached), dollars(s.saved)});
  return out;
}

const std::vector<std::string> kTitles = {"requests",  "errors",       "input",     "output",
                                          "cached in", "cache writes", "reasoning", "cost $",
                                          "avg ms",    "p50 ms",       "p99 ms",    "first token ms"};

}  // namespace

std::string usage_table(const std::vector<std::string>& by, const std::vector<UsageSum>& rows,
                        const UsageSum& total) {
  const auto columns = columns_of(by);
  std::vector<std::vector<std::string>> lines;
  const auto add = [&](std::vector<std::string> names, const std::vector<std::string>& numbers) {
    names.insert(names.end(), numbers.begin(), numbers.end());
    lines.push_back(std::move(names));
  };
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const store::UsageGroup* column : columns) names.emplace_back(column->name);
  const bool cache = total.cached > 0;
  std::vector<std::string> titles = kTitles;
  if (cache) titles.insert(titles.end(), {"from cache", "saved $"});
  add(names, titles);
  for (const UsageSum& row : rows) {
    names.clear();
    for (const store::UsageGroup* column : columns) names.push_back(printable(row.*(column->member)));
    if (!columns.empty()) add(names, numbers_of(row, cache));
  }
  names.assign(columns.size(), "");
  if (!names.empty()) names[0] = "total";
  add(names, numbers_of(total, cache));

  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string gap(widths[i] - width(line[i]), ' ');
      if (i > 0) out += "  ";
      out += i < columns.size() ? line[i] + gap : gap + line[i];
    }
    out += '\n';
  }
  return out;
}

std::string usage_json(const std::string& database, const std::vector<std::string>& by,
                       const std::vector<UsageSum>& rows, const UsageSum& total) {
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("database", std::string_view(database));
  store::write_usage_members(w, by, rows, total);
  w.end_object();
  return out + "\n";
}

}  // namespace pb::cli
