// Batches into the database: in any order, some rows there already, in pieces.
#include "store/usage_db.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "store/spending.h"
#include "store/testing.h"

using namespace pb;
using namespace pb::store;
using pb::store::testing::Folder;

namespace {

constexpr int kRows = 1000;  // several pieces

// Every column of rows is different from its neighbours' and from its default.
std::vector<NumberedRow> rows_of(std::int64_t run) {
  std::vector<NumberedRow> rows;
  for (int i = 0; i < kRows; ++i) {
    NumberedRow r{row_id(run, i + 1), {}};
    int n = i;
    each_field(r.row, [&](const char*, auto& value) {
      using T = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<T, std::string>)
        value = "text " + std::to_string(++n);
      else if constexpr (std::is_same_v<T, bool>)
        value = i % 2 == 0;
      else
        value = static_cast<T>(++n) / 2;
    });
    r.row.cache.clear();  // else the provider was not asked
    r.row.provider = i % 3 == 0 ? "a" : "b";
    r.row.time_ms = 1000 + i;
    rows.push_back(std::move(r));
  }
  return rows;
}

std::string as_text(const NumberedRow& row) {
  std::string out;
  each_column(row, [&](const char*, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      out += value + "|";
    else
      out += std::to_string(value) + "|";
  });
  return out;
}

std::vector<std::string> stored(const std::string& path) {
  std::vector<std::string> out;
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  std::string names;
  const NumberedRow none;
  each_column(none,
              [&](const char* name, const auto&) { names.append(names.empty() ? "" : ",").append(name); });
  auto all = db->prepare("SELECT " + names + " FROM usage ORDER BY id");
  REQUIRE(all);
  while (all->step().value_or(false)) {
    NumberedRow row;
    int at = 0;
    each_column(row, [&](const char*, auto& value) {
      using T = std::decay_t<decltype(value)>;
      if constexpr (std::is_same_v<T, std::string>)
        value = all->text(at++);
      else if constexpr (std::is_same_v<T, double>)
        value = all->real(at++);
      else
        value = static_cast<T>(all->whole(at++));
    });
    out.push_back(as_text(row));
  }
  return out;
}

std::int64_t requests(const std::string& path, std::string_view provider) {
  for (const Spending& s : *read_spending(path, 1000))
    if (s.scope == "provider" && s.name == provider) return s.spent.requests_today;
  return -1;
}

}  // namespace

TEST_SUITE_BEGIN("usage database");

TEST_CASE("a batch of several pieces, in any order, is stored as it is") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  const std::atomic<bool> hurry{false};
  int pauses = 0;
  UsageDb db(path, hurry, [&] { ++pauses; });
  std::vector<NumberedRow> rows = rows_of(7);
  std::vector<std::string> wanted;
  std::ranges::transform(rows, std::back_inserter(wanted), as_text);
  std::ranges::reverse(rows);
  CHECK(db.insert(rows, std::chrono::seconds(1)).value_or(-1) == kRows);
  CHECK(stored(path) == wanted);
  CHECK(requests(path, "a") == (kRows + 2) / 3);
  CHECK(requests(path, "b") == kRows - (kRows + 2) / 3);
  CHECK(pauses >= 2);
  CHECK(pauses < kRows / 100);
}

TEST_CASE("rows of a batch that are there already are left alone, and counted once") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  const std::atomic<bool> hurry{false};
  UsageDb db(path, hurry);
  const std::vector<NumberedRow> rows = rows_of(7);
  CHECK(db.insert(std::span(rows).subspan(300, 400), std::chrono::seconds(1)).value_or(-1) == 400);
  std::vector<NumberedRow> changed = rows;
  for (NumberedRow& r : changed) r.row.model = "other";
  CHECK(db.insert(changed, std::chrono::seconds(1)).value_or(-1) == kRows - 400);
  CHECK(db.insert(changed, std::chrono::seconds(1)).value_or(-1) == 0);
  CHECK(testing::count(path) == kRows);
  CHECK(requests(path, "a") == (kRows + 2) / 3);
  const std::vector<std::string> all = stored(path);
  CHECK(all[299] == as_text(changed[299]));
  CHECK(all[300] == as_text(rows[300]));
  CHECK(all[699] == as_text(rows[699]));
  CHECK(all[700] == as_text(changed[700]));
}

TEST_CASE("a row that a batch has twice is stored once") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  const std::atomic<bool> hurry{false};
  UsageDb db(path, hurry);
  std::vector<NumberedRow> rows = rows_of(7);
  rows.push_back(rows[3]);
  CHECK(db.insert(rows, std::chrono::seconds(1)).value_or(-1) == kRows);
  CHECK(testing::count(path) == kRows);
  CHECK(requests(path, "a") == (kRows + 2) / 3);
}

TEST_SUITE_END();
