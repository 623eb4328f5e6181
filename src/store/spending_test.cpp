#include "store/spending.h"

#include "store/testing.h"
#include "store/usage_db.h"

using namespace pb;
using namespace pb::store;
using pb::store::testing::Folder;

namespace {

constexpr std::int64_t kNoon = 1'795'262'400'000, kDay = 86'400'000;  // 2026-11-21T12:00:00Z

UsageRow row_at(std::int64_t time_ms, const std::string& key, const std::string& team, double cost) {
  UsageRow row = testing::row(0);
  row.time_ms = time_ms;
  row.key = key;
  row.team = team;
  row.input = 90;
  row.output = 10;
  row.cost = cost;
  return row;
}

const route::Spent* find(const std::vector<Spending>& all, std::string_view scope, std::string_view name) {
  for (const Spending& s : all)
    if (s.scope == scope && s.name == name) return &s.spent;
  return nullptr;
}

}  // namespace

TEST_SUITE("spending") {
  TEST_CASE("sums by key, team and provider, of today, this month and ever") {
    const Folder folder;
    const std::string path = folder / "patchbay.db";
    CHECK(read_spending(path, kNoon)->empty());
    {
      const auto ledger = create_ledger({.path = path});
      ledger->add(row_at(kNoon, "a", "t", 1));
      ledger->add(row_at(kNoon - kDay, "a", "t", 2));
      ledger->flush();
      ledger->add(row_at(kNoon - 30 * kDay, "a", "", 4));
      ledger->add(row_at(kNoon + 1, "b", "t", 8));
      UsageRow refused = row_at(kNoon, "a", "t", 0);  // sent nowhere
      refused.provider.clear();
      ledger->add(refused);
    }
    const auto all = read_spending(path, kNoon);
    REQUIRE(all);
    const route::Spent* a = find(*all, "key", "a");
    REQUIRE(a != nullptr);
    CHECK(a->requests_today == 1);
    CHECK(a->tokens_today == 100);
    CHECK(a->cost_today == 1);
    CHECK(a->cost_this_month == 3);
    CHECK(a->cost == 7);
    CHECK(find(*all, "team", "t")->cost_today == 9);
    CHECK(find(*all, "provider", "up")->cost == 15);
    CHECK(find(*all, "provider", "up")->requests_today == 2);
    CHECK(find(*all, "team", "") == nullptr);
  }

  TEST_CASE("a row that is replayed counts once") {
    const Folder folder;
    const std::string path = folder / "patchbay.db";
    const std::atomic<bool> hurry{false};
    UsageDb db(path, hurry);
    std::vector<NumberedRow> rows = {{row_id(7, 1), row_at(kNoon, "a", "", 1)}};
    CHECK(db.insert(rows, std::chrono::seconds(1)).value_or(-1) == 1);
    rows.push_back({row_id(7, 2), row_at(kNoon, "a", "", 2)});
    CHECK(db.insert(rows, std::chrono::seconds(1)).value_or(-1) == 1);
    CHECK(find(*read_spending(path, kNoon), "key", "a")->cost == 3);
  }

  TEST_CASE("a database of before gets its totals from its rows") {
    const Folder folder;
    const std::string path = folder / "patchbay.db";
    {
      const auto ledger = create_ledger({.path = path});
      ledger->add(row_at(kNoon, "a", "", 1));
      ledger->add(row_at(kNoon, "a", "", 0.5));
    }
    {
      auto db = Database::open(path, Database::Mode::write);
      REQUIRE(db);
      REQUIRE(
          db->exec("DROP TABLE totals; ALTER TABLE usage DROP COLUMN team; "
                   "ALTER TABLE usage DROP COLUMN route; "
                   "ALTER TABLE usage DROP COLUMN cache; ALTER TABLE usage DROP COLUMN saved; "
                   "DROP TABLE conversations; DROP TABLE conversation_messages; "
                   "DROP TABLE benchmarks; DROP TABLE benchmark_runs; PRAGMA user_version = 2"));
    }
    CHECK(read_spending(path, kNoon)->empty());
    CHECK(read_usage(path, {}, {"key", "team"})->size() == 1);
    create_ledger({.path = path})->flush();
    CHECK(find(*read_spending(path, kNoon), "key", "a")->cost == 1.5);
    CHECK(find(*read_spending(path, kNoon), "provider", "up")->requests_today == 2);
  }
}
