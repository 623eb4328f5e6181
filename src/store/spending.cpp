#include "store/spending.h"

#include <unistd.h>

#include "store/migrations.h"

namespace pb::store {
namespace {

constexpr int kWaitMs = 5000;
constexpr std::int64_t kTotalsSince = 3;  // the schema that has the table

}  // namespace

void Totals::add(const UsageRow& row) {
  if (row.provider.empty()) return;
  const std::int64_t day = route::day_of(row.time_ms);
  if (row.cache.empty()) add(Scope::provider, row.provider, day, row);  // else it was not asked
  if (!row.key.empty()) add(Scope::key, row.key, day, row);
  if (!row.team.empty()) add(Scope::team, row.team, day, row);
}

void Totals::add(Scope scope, const std::string& name, std::int64_t day, const UsageRow& row) {
  static constexpr std::array<std::string_view, 3> kNames{"provider", "key", "team"};
  const auto place = static_cast<std::size_t>(scope);
  Last& last = last_[place];
  if (last.of == nullptr || std::get<2>(*last.of) != day || std::get<1>(*last.of) != name) {
    auto at = sums_.find(std::tuple(kNames[place], std::string_view(name), day));
    if (at == sums_.end()) at = sums_.try_emplace({kNames[place], name, day}).first;
    last = {&at->first, &at->second};
  }
  Sum& sum = *last.sum;
  ++sum.requests;
  sum.tokens += row.input + row.output;
  sum.cost += row.cost;
}

Result<void> Totals::write(Statement& statement) const {
  for (const auto& [of, sum] : sums_) {
    const auto& [scope, name, day] = of;
    statement.bind(0, scope);
    statement.bind(1, std::string_view(name));
    statement.bind(2, day);
    statement.bind(3, sum.requests);
    statement.bind(4, sum.tokens);
    statement.bind(5, sum.cost);
    TRY(statement.step());
  }
  return {};
}

Result<std::vector<Spending>> read_spending(const std::string& path, std::int64_t unix_ms) {
  std::vector<Spending> out;
  if (::access(path.c_str(), F_OK) != 0) return out;
  TRY_ASSIGN(Database db, Database::open(path, Database::Mode::read));
  TRY(db.exec(("PRAGMA busy_timeout = " + std::to_string(kWaitMs)).c_str()));
  TRY_ASSIGN(const std::int64_t version, db.number("PRAGMA user_version"));
  if (version < kTotalsSince || version > schema_version()) return out;
  TRY_ASSIGN(Statement s, db.prepare("SELECT scope, name, SUM(CASE WHEN day = ?1 THEN requests ELSE 0 END), "
                                     "SUM(CASE WHEN day = ?1 THEN tokens ELSE 0 END), "
                                     "SUM(CASE WHEN day = ?1 THEN cost ELSE 0 END), "
                                     "SUM(CASE WHEN day >= ?2 THEN cost ELSE 0 END), SUM(cost) "
                                     "FROM totals GROUP BY scope, name"));
  const std::int64_t day = route::day_of(unix_ms);
  std::int64_t first = day;  // of the month
  while (route::month_of((first - 1) * 86'400'000) == route::month_of(unix_ms)) --first;
  s.bind(0, day);
  s.bind(1, first);
  for (;;) {
    TRY_ASSIGN(const bool row, s.step());
    if (!row) return out;
    out.push_back({s.text(0), s.text(1), {s.whole(2), s.whole(3), s.real(4), s.real(5), s.real(6)}});
  }
}

}  // namespace pb::store
