#include "store/usage_db.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <tuple>
#include <utility>

#include "store/mapped_file.h"
#include "store/migrations.h"
#include "store/spending.h"

namespace pb::store {
namespace {

constexpr std::size_t kPieceRows = 256;  // a statement: half a millisecond

std::string column_names() {
  std::string names;
  const NumberedRow row;
  each_column(row,
              [&](const char* name, const auto&) { names.append(names.empty() ? "" : ",").append(name); });
  return names;
}

// WHERE, so that ON is not taken for a join's.
std::string insert_sql() {
  return "INSERT INTO usage(" + column_names() + ") SELECT " + column_names() +
         " FROM batch WHERE true ON CONFLICT(id) DO NOTHING";
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
  TRY(batch_.join(*db_));
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
  if (durable && done) std::ignore = db_->exec("PRAGMA synchronous=NORMAL");
  if (!done && !(done.error().retryable && !durable)) close();
  return done;
}

Result<std::int64_t> UsageDb::insert_all(std::span<const NumberedRow> rows) {
  TRY(db_->exec("BEGIN IMMEDIATE"));
  auto inserted = insert_batch(rows);
  // Some are there already, as after a crash: only one by one do they tell which, and those are in the totals already.
  if (inserted && *inserted != static_cast<std::int64_t>(rows.size())) {
    TRY(db_->exec("ROLLBACK; BEGIN IMMEDIATE"));
    inserted = insert_singly(rows);
  }
  if (inserted)
    if (auto done = db_->exec("COMMIT"); !done) inserted = std::unexpected(std::move(done.error()));
  if (!inserted) std::ignore = db_->exec("ROLLBACK");
  return inserted;
}

// The totals only count if all rows are new.
Result<std::int64_t> UsageDb::insert_batch(std::span<const NumberedRow> rows) {
  const std::int64_t before = db_->changes();
  batch_.set(rows);
  Totals totals;
  for (std::size_t at = 0; at < rows.size(); at += kPieceRows) {
    if (at > 0) between_();
    batch_.show(at, kPieceRows);
    TRY(insert_->step());
    for (const NumberedRow& row : rows.subspan(at, std::min(kPieceRows, rows.size() - at)))
      totals.add(row.row);
  }
  const std::int64_t inserted = db_->changes() - before;
  if (inserted == static_cast<std::int64_t>(rows.size())) TRY(totals.write(*add_));
  return inserted;
}

Result<std::int64_t> UsageDb::insert_singly(std::span<const NumberedRow> rows) {
  std::int64_t inserted = 0;
  Totals totals;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t before = db_->changes();
    batch_.set(rows.subspan(i, 1));
    batch_.show(0, 1);
    TRY(insert_->step());
    if (db_->changes() == before) continue;
    ++inserted;
    totals.add(rows[i].row);
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
