#include "store/usage_db.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <type_traits>
#include <utility>

#include "store/mapped_file.h"
#include "store/migrations.h"
#include "store/spending.h"

namespace pb::store {
namespace {

std::string insert_sql() {
  std::string names, marks;
  const NumberedRow row;
  each_column(row, [&](const char* name, const auto&) {
    names.append(names.empty() ? "" : ",").append(name);
    marks += marks.empty() ? "?" : ",?";
  });
  return "INSERT INTO usage(" + names + ") VALUES(" + marks + ") ON CONFLICT(id) DO NOTHING";
}

void bind(Statement& statement, const NumberedRow& row) {
  int at = 0;
  each_column(row, [&](const char*, const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>)
      statement.bind(at++, std::string_view(value));
    else if constexpr (std::is_same_v<T, double>)
      statement.bind(at++, value);
    else
      statement.bind(at++, static_cast<std::int64_t>(value));
  });
}

}  // namespace

int UsageDb::on_busy(void* self, int count) {
  const auto& db = *static_cast<UsageDb*>(self);
  if (db.hurry_.load(std::memory_order_relaxed) || std::chrono::steady_clock::now() >= db.deadline_) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 << std::min(count, 5), 25)));
  return 1;
}

Result<void> UsageDb::open(std::chrono::milliseconds wait) {
  if (db_) return {};
  deadline_ = std::chrono::steady_clock::now() + wait;
  TRY(make_folders(std::filesystem::path(path_).parent_path().string()));
  TRY_ASSIGN(db_, Database::open(path_, Database::Mode::write));
  if (auto done = set_up(); !done) {
    close();
    return done;
  }
  return {};
}

Result<void> UsageDb::set_up() {
  sqlite3_busy_handler(db_->handle(), &UsageDb::on_busy, this);
  // The cache is small since rows are only added; the write-ahead log is moved into the database every 1000 pages
  // (SQLite's default) and cut back to the limit when it starts again at its beginning.
  TRY(
      db_->exec("PRAGMA cache_size=-512; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
                "journal_size_limit=4194304"));
  TRY(migrate(*db_));
  TRY_ASSIGN(insert_, db_->prepare(insert_sql()));
  TRY_ASSIGN(add_, db_->prepare(Totals::kAdd));
  return check_file();
}

Result<void> UsageDb::check_file() {
  if (db_->file_intact()) return {};
  return fail(Code::internal, "the file was moved, deleted or overwritten");
}

Result<std::int64_t> UsageDb::insert(std::span<const NumberedRow> rows, std::chrono::milliseconds wait,
                                     bool durable) {
  deadline_ = std::chrono::steady_clock::now() + wait;
  TRY(open(wait));
  if (durable) TRY(db_->exec("PRAGMA synchronous=FULL"));
  auto done = insert_all(rows);
  // Looked at after the commit: rows written into a file that nobody will find again are not written.
  if (done) {
    if (auto intact = check_file(); !intact) done = std::unexpected(intact.error());
  }
  if (durable && done) (void)db_->exec("PRAGMA synchronous=NORMAL");
  if (!done && !(done.error().retryable && !durable)) close();
  return done;
}

Result<std::int64_t> UsageDb::insert_all(std::span<const NumberedRow> rows) {
  TRY(db_->exec("BEGIN IMMEDIATE"));
  auto inserted = insert_rows(rows);
  if (inserted)
    if (auto done = db_->exec("COMMIT"); !done) inserted = std::unexpected(std::move(done.error()));
  if (!inserted) (void)db_->exec("ROLLBACK");
  return inserted;
}

// Rows that are there already are in the totals already.
Result<std::int64_t> UsageDb::insert_rows(std::span<const NumberedRow> rows) {
  std::int64_t inserted = 0;
  Totals totals;
  for (const NumberedRow& row : rows) {
    const std::int64_t before = db_->changes();
    bind(*insert_, row);
    TRY(insert_->step());
    if (db_->changes() == before) continue;
    ++inserted;
    totals.add(row.row);
  }
  TRY(totals.write(*add_));
  return inserted;
}

void UsageDb::close() {
  insert_.reset();
  add_.reset();
  db_.reset();
}

}  // namespace pb::store
