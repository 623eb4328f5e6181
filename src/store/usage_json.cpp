#include "store/usage_json.h"

#include <algorithm>
#include <array>

namespace pb::store {
namespace {

// The first ten are added up for the totals.
constexpr std::array<std::pair<std::string_view, std::int64_t UsageSum::*>, 13> kNumbers = {
    {{"requests", &UsageSum::requests},
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

void write_numbers(json::Writer& w, const UsageSum& sum) {
  for (const auto& [name, member] : kNumbers) w.field(name, sum.*member);
  w.field("cost", sum.cost);
  w.field("saved", sum.saved);
  if (sum.first_token_us_avg >= 0)
    w.field("first_token_us_avg", sum.first_token_us_avg);
  else
    w.null_field("first_token_us_avg");
}

}  // namespace

UsageSum total_of(const std::vector<UsageSum>& rows, const std::vector<UsageSum>& all) {
  UsageSum total;
  for (const UsageSum& row : rows) {
    for (std::size_t i = 0; i < kAdded; ++i) total.*(kNumbers[i].second) += row.*(kNumbers[i].second);
    total.cost += row.cost;
    total.saved += row.saved;
  }
  if (!all.empty()) {
    for (std::size_t i = kAdded; i < kNumbers.size(); ++i)
      total.*(kNumbers[i].second) = all[0].*(kNumbers[i].second);
    total.first_token_us_avg = all[0].first_token_us_avg;
  }
  return total;
}

void write_usage_members(json::Writer& w, const std::vector<std::string>& by,
                         const std::vector<UsageSum>& rows, const UsageSum& total) {
  const auto grouped = [&](std::string_view name) { return std::ranges::find(by, name) != by.end(); };
  w.key("by");
  w.begin_array();
  for (const auto& [name, member] : usage_groups())
    if (grouped(name)) w.string(name);
  w.end_array();
  w.key("rows");
  w.begin_array();
  for (const UsageSum& row : rows) {
    w.begin_object();
    for (const auto& [name, member] : usage_groups())
      if (grouped(name)) w.field(name, std::string_view(row.*member));
    write_numbers(w, row);
    w.end_object();
  }
  w.end_array();
  w.key("total");
  w.begin_object();
  write_numbers(w, total);
  w.end_object();
}

}  // namespace pb::store
