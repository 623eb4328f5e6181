#include "cli/usage_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/json.h"

namespace pb::cli {
namespace {

using store::UsageSum;

struct GroupColumn {
  std::string_view name;
  std::string UsageSum::* member;
};
constexpr std::array<GroupColumn, 7> kGroupColumns = {{{"day", &UsageSum::day},
                                                       {"provider", &UsageSum::provider},
                                                       {"model", &UsageSum::model},
                                                       {"key", &UsageSum::key},
                                                       {"team", &UsageSum::team},
                                                       {"route", &UsageSum::route},
                                                       {"status", &UsageSum::status}}};

struct NumberColumn {
  std::string_view name;
  std::int64_t UsageSum::* member;
};
// In JSON all of them; the first ten are added up for the totals.
constexpr std::array<NumberColumn, 13> kNumbers = {{{"requests", &UsageSum::requests},
                                                    {"errors", &UsageSum::errors},
                                                    {"input", &UsageSum::input},
                                                    {"output", &UsageSum::output},
                                                    {"cache_read", &UsageSum::cache_read},
                                                    {"cache_write", &UsageSum::cache_write},
                                                    {"reasoning", &UsageSum::reasoning},
                                                    {"cost_unknown", &UsageSum::cost_unknown},
                                                    {"estimated", &UsageSum::estimated},
                                                    {"cached", &UsageSum::cached},
                                                    {"latency_us_avg", &UsageSum::latency_us_avg},
                                                    {"latency_us_p50", &UsageSum::latency_us_p50},
                                                    {"latency_us_p99", &UsageSum::latency_us_p99}}};
constexpr std::size_t kAdded = 10;

std::string thousands(std::int64_t n) {
  std::string digits = std::to_string(n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

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

// Without control characters (C0, DEL and C1), which a client may have put into a model's name.
std::string printable(std::string_view text) {
  if (text.empty()) return "-";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t k) {
      return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
    };
    const bool c1 = byte(i) == 0xC2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xA0;
    if (c1) ++i;
    out += c1 || byte(i) < 0x20 || byte(i) == 0x7F ? '?' : text[i];
  }
  return out;
}

// Code points; near enough to columns for the names of models.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<const GroupColumn*> columns_of(const std::vector<std::string>& by) {
  std::vector<const GroupColumn*> columns;
  for (const GroupColumn& column : kGroupColumns)
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

Result<std::int64_t> bad_time(std::string_view text) {
  return fail(
      Code::invalid_request,
      "\"" + std::string(text) + "\" is no time: write 90m, 12h, 7d, 2w or a date such as 2026-11-20");
}

}  // namespace

Result<std::int64_t> parse_when(std::string_view text, std::int64_t now_ms, bool end) {
  if (text.empty()) return 0;
  int numbers[3] = {};
  const char* at = text.data();
  const char* const stop = at + text.size();
  int parts = 0;
  for (; parts < 3; ++parts) {
    const auto [next, code] = std::from_chars(at, stop, numbers[parts]);
    if (code != std::errc() || numbers[parts] < 0) return bad_time(text);
    at = next;
    if (at == stop || *at != '-') break;
    ++at;
  }
  if (parts == 0 && stop - at == 1) {
    constexpr std::pair<char, std::int64_t> units[] = {{'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    for (const auto& [unit, seconds] : units)
      if (*at == unit) return now_ms - numbers[0] * seconds * 1000;
    return bad_time(text);
  }
  if (parts != 2 || at != stop || numbers[0] < 1970 || numbers[1] < 1 || numbers[1] > 12 || numbers[2] < 1 ||
      numbers[2] > 31)
    return bad_time(text);
  std::tm day{};
  day.tm_year = numbers[0] - 1900;
  day.tm_mon = numbers[1] - 1;
  day.tm_mday = numbers[2];
  day.tm_isdst = -1;
  const std::tm wanted = day;
  if (std::mktime(&day) == -1 || day.tm_mday != wanted.tm_mday || day.tm_mon != wanted.tm_mon)
    return bad_time(text);  // 02-30
  day = wanted;
  if (end) ++day.tm_mday;  // mktime carries over
  return static_cast<std::int64_t>(std::mktime(&day)) * 1000;
}

UsageSum total_of(const std::vector<UsageSum>& rows, const std::vector<UsageSum>& all) {
  UsageSum total;
  for (const UsageSum& row : rows) {
    for (std::size_t i = 0; i < kAdded; ++i) total.*(kNumbers[i].member) += row.*(kNumbers[i].member);
    total.cost += row.cost;
    total.saved += row.saved;
  }
  if (!all.empty()) {
    for (std::size_t i = kAdded; i < kNumbers.size(); ++i)
      total.*(kNumbers[i].member) = all[0].*(kNumbers[i].member);
    total.first_token_us_avg = all[0].first_token_us_avg;
  }
  return total;
}

std::string usage_table(const std::vector<std::string>& by, const std::vector<UsageSum>& rows,
                        const UsageSum& total) {
  const auto columns = columns_of(by);
  std::vector<std::vector<std::string>> lines;
  const auto add = [&](std::vector<std::string> names, const std::vector<std::string>& numbers) {
    names.insert(names.end(), numbers.begin(), numbers.end());
    lines.push_back(std::move(names));
  };
  std::vector<std::string> names;
  for (const GroupColumn* column : columns) names.emplace_back(column->name);
  const bool cache = total.cached > 0;
  std::vector<std::string> titles = kTitles;
  if (cache) titles.insert(titles.end(), {"from cache", "saved $"});
  add(names, titles);
  for (const UsageSum& row : rows) {
    names.clear();
    for (const GroupColumn* column : columns) names.push_back(printable(row.*(column->member)));
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
  const auto columns = columns_of(by);
  std::string out;
  json::Writer writer(out);
  const auto numbers = [&](const UsageSum& sum) {
    for (const NumberColumn& column : kNumbers) writer.field(column.name, sum.*(column.member));
    writer.field("cost", sum.cost);
    writer.field("saved", sum.saved);
    if (sum.first_token_us_avg >= 0)
      writer.field("first_token_us_avg", sum.first_token_us_avg);
    else
      writer.null_field("first_token_us_avg");
    writer.end_object();
  };
  writer.begin_object();
  writer.field("database", std::string_view(database));
  writer.key("by");
  writer.begin_array();
  for (const GroupColumn* column : columns) writer.string(column->name);
  writer.end_array();
  writer.key("rows");
  writer.begin_array();
  for (const UsageSum& row : rows) {
    writer.begin_object();
    for (const GroupColumn* column : columns)
      writer.field(column->name, std::string_view(row.*(column->member)));
    numbers(row);
  }
  writer.end_array();
  writer.key("total");
  writer.begin_object();
  numbers(total);
  writer.end_object();
  return out + "\n";
}

}  // namespace pb::cli
