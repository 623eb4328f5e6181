// read_usage(): sums over the usage table for people and scripts.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "store/ledger.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace pb::store {
namespace {

constexpr int kWaitMs =
    5000;  // for a writer in the middle of start-up; in WAL mode readers wait for nothing else

constexpr std::int64_t kEstimatedSince = 2, kTeamSince = 3, kRouteSince = 4,
                       kCacheSince = 5;  // the schemas that have the columns

struct Group : UsageGroup {
  const char* sql;
  std::int64_t since = 0;  // the schema that has it
};
constexpr std::array<Group, 7> kGroups = {{
    {{"day", &UsageSum::day}, "strftime('%Y-%m-%d', time_ms / 1000, 'unixepoch', 'localtime')"},
    {{"provider", &UsageSum::provider}, "provider"},
    {{"model", &UsageSum::model}, "model"},
    {{"key", &UsageSum::key}, "client_key"},
    {{"team", &UsageSum::team}, "team", kTeamSince},
    {{"route", &UsageSum::route}, "route", kRouteSince},
    {{"status", &UsageSum::status}, "CAST(status AS TEXT)"},
}};

Result<std::vector<const Group*>> groups_of(const std::vector<std::string>& by) {
  std::vector<const Group*> groups;
  for (const Group& group : kGroups)
    if (std::find(by.begin(), by.end(), group.name) != by.end()) groups.push_back(&group);
  for (const std::string& name : by)
    if (std::none_of(kGroups.begin(), kGroups.end(), [&](const Group& g) { return g.name == name; }))
      return fail(
          Code::invalid_request,
          "cannot group by \"" + name + "\"; known are day, provider, model, key, team, route and status",
          "by");
  return groups;
}

// percentile(value, p): nearest rank. An aggregate of our own, because the same by window functions has to sort all
// rows several times.
using Values = std::vector<std::int64_t>;
struct PercentileState {  // SQLite's zeroed memory
  Values* values;
  int percent;
};

void percentile_step(sqlite3_context* context, int, sqlite3_value** arguments) {
  auto* state = static_cast<PercentileState*>(sqlite3_aggregate_context(context, sizeof(PercentileState)));
  if (state == nullptr) return sqlite3_result_error_nomem(context);
  if (state->values == nullptr) state->values = new Values;
  state->values->push_back(sqlite3_value_int64(arguments[0]));
  state->percent = sqlite3_value_int(arguments[1]);
}

// Also called, with the result ignored, when a query ends early.
void percentile_final(sqlite3_context* context) {
  auto* state = static_cast<PercentileState*>(sqlite3_aggregate_context(context, 0));
  if (state == nullptr || state->values == nullptr) return sqlite3_result_null(context);
  const std::unique_ptr<Values> values(state->values);
  const std::size_t rank = (values->size() * static_cast<std::size_t>(state->percent) + 99) / 100;
  const auto at = values->begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values->begin(), at, values->end());
  sqlite3_result_int64(context, *at);
}

// Parameters: from, to, provider, model, key, team, route, status from and to; "" matches everything.
std::string query_sql(const std::vector<const Group*>& groups, std::int64_t version) {
  std::string columns, names;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string name = "g" + std::to_string(i);
    const bool missing = version < groups[i]->since;
    columns.append(", ").append(missing ? "''" : groups[i]->sql).append(" AS ").append(name);
    names.append(i == 0 ? "" : ", ").append(name);
  }
  std::string sql =
      R"(SELECT COUNT(*), SUM(status >= 400), SUM(input), SUM(output), SUM(cache_read), SUM(cache_write), SUM(reasoning),
      SUM(CASE WHEN cost_known THEN cost ELSE 0 END), SUM(NOT cost_known AND (status < 400 OR status = 499)),
      )" +
      std::string(version >= kEstimatedSince ? "SUM(usage_estimated)" : "0") +
      // How long an interrupted request took is not known.
      R"(, CAST(ROUND(AVG(latency_us) FILTER (WHERE error <> 'interrupted')) AS INTEGER),
      percentile(latency_us, 50) FILTER (WHERE error <> 'interrupted'),
      percentile(latency_us, 99) FILTER (WHERE error <> 'interrupted'),
      CAST(ROUND(AVG(CASE WHEN first_token_us >= 0 THEN first_token_us END)) AS INTEGER), )" +
      std::string(version >= kCacheSince ? "SUM(cache <> ''), SUM(saved)" : "0, 0.0") + columns + R"(
    FROM usage
    WHERE time_ms >= ?1 AND time_ms < ?2 AND (?3 = '' OR provider = ?3) AND (?4 = '' OR model = ?4) AND (?5 = '' OR client_key = ?5)
      AND (?6 = '' OR )" +
      std::string(version >= kTeamSince ? "team" : "''") + " = ?6) AND (?7 = '' OR " +
      std::string(version >= kRouteSince ? "route" : "''") + " = ?7) AND status BETWEEN ?8 AND ?9";
  if (names.empty()) return sql + " HAVING COUNT(*) > 0";
  return sql + " GROUP BY " + names + " ORDER BY " + names;
}

UsageSum row_of(const Statement& statement, const std::vector<const Group*>& groups) {
  UsageSum sum;
  int column = 0;
  for (std::int64_t* number : {&sum.requests, &sum.errors, &sum.input, &sum.output, &sum.cache_read,
                               &sum.cache_write, &sum.reasoning})
    *number = statement.whole(column++);
  sum.cost = statement.real(column++);
  for (std::int64_t* number :
       {&sum.cost_unknown, &sum.estimated, &sum.latency_us_avg, &sum.latency_us_p50, &sum.latency_us_p99})
    *number = statement.whole(column++);
  sum.first_token_us_avg = statement.is_null(column) ? -1 : statement.whole(column);
  ++column;
  sum.cached = statement.whole(column++);
  sum.saved = statement.real(column++);
  for (const Group* group : groups) {
    sum.*(group->member) = statement.text(column++);
    sum.group.append(sum.group.empty() && group == groups.front() ? "" : " / ").append(sum.*(group->member));
  }
  return sum;
}

Error with_path(Error e, const std::string& path) {
  e.message = "cannot read the usage database " + path + ": " + e.message;
  return e;
}

Result<std::vector<UsageSum>> query(Database& db, const UsageFilter& filter,
                                    const std::vector<const Group*>& groups) {
  TRY(db.exec(("PRAGMA busy_timeout = " + std::to_string(kWaitMs)).c_str()));
  TRY_ASSIGN(const std::int64_t version, db.number("PRAGMA user_version"));
  if (version == 0) return std::vector<UsageSum>();  // just made by a server that starts
  if (version > schema_version()) return fail(Code::internal, "it was made by a newer Patchbay");
  if (sqlite3_create_function_v2(db.handle(), "percentile", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                 nullptr, percentile_step, percentile_final, nullptr) != SQLITE_OK)
    return fail(Code::internal, "cannot define a function");
  TRY_ASSIGN(Statement statement, db.prepare(query_sql(groups, version)));
  statement.bind(0, filter.from_ms);
  statement.bind(1, filter.to_ms == 0 ? std::numeric_limits<std::int64_t>::max() : filter.to_ms);
  statement.bind(2, std::string_view(filter.provider));
  statement.bind(3, std::string_view(filter.model));
  statement.bind(4, std::string_view(filter.key));
  statement.bind(5, std::string_view(filter.team));
  statement.bind(6, std::string_view(filter.route));
  statement.bind(7, static_cast<std::int64_t>(filter.status_from));
  statement.bind(8, static_cast<std::int64_t>(filter.status_to));
  std::vector<UsageSum> sums;
  for (;;) {
    TRY_ASSIGN(const bool row, statement.step());
    if (!row) return sums;
    sums.push_back(row_of(statement, groups));
  }
}

}  // namespace

Result<void> filter_status(std::string_view text, UsageFilter& filter) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.empty()) return {};
  if (text == "errors") {
    filter.status_from = 400;
    return {};
  }
  if (text.size() != 3 || text[0] < '1' || text[0] > '5' || !(text.ends_with("xx") || (digit(1) && digit(2))))
    return fail(Code::invalid_request, "`" + std::string(text) + "` is no status: write 429, 4xx or errors",
                "status");
  const int hundreds = (text[0] - '0') * 100;
  const int rest = text.ends_with("xx") ? 0 : (text[1] - '0') * 10 + (text[2] - '0');
  filter.status_from = hundreds + rest;
  filter.status_to = text.ends_with("xx") ? hundreds + 99 : filter.status_from;
  return {};
}

std::span<const UsageGroup> usage_groups() {
  static constexpr auto kAll = [] {
    std::array<UsageGroup, kGroups.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = kGroups[i];
    return all;
  }();
  return kAll;
}

Result<std::vector<UsageSum>> read_usage(const std::string& path, const UsageFilter& filter,
                                         const std::vector<std::string>& by) {
  TRY_ASSIGN(const auto groups, groups_of(by));
  if (::access(path.c_str(), F_OK) != 0)
    return fail(Code::not_found, "there is no usage database at " + path + " yet");
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return std::unexpected(with_path(std::move(db.error()), path));
  auto sums = query(*db, filter, groups);
  if (!sums) return std::unexpected(with_path(std::move(sums.error()), path));
  return sums;
}

}  // namespace pb::store
