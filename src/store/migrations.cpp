#include "store/migrations.h"

#include <string>

namespace pb::store {
namespace {

// Step i brings version i to i + 1. Steps that were released are never changed.
//
// usage: id names a row for ever (row_id in row.h), so writing a row twice is harmless, whichever way it took. Ids grow
// with time: rows are added at the table's end, which costs half of what a second key or an index on time would.
constexpr const char* kSteps[] = {
    R"(CREATE TABLE usage (
         id             INTEGER PRIMARY KEY,
         time_ms        INTEGER NOT NULL,
         request_id     TEXT    NOT NULL,
         client_format  TEXT    NOT NULL,
         provider       TEXT    NOT NULL,
         model          TEXT    NOT NULL,
         asked_model    TEXT    NOT NULL,
         client_key     TEXT    NOT NULL,
         status         INTEGER NOT NULL,
         error          TEXT    NOT NULL,
         stream         INTEGER NOT NULL,
         input          INTEGER NOT NULL,
         output         INTEGER NOT NULL,
         cache_read     INTEGER NOT NULL,
         cache_write    INTEGER NOT NULL,
         reasoning      INTEGER NOT NULL,
         usage_known    INTEGER NOT NULL,
         cost           REAL    NOT NULL,
         cost_known     INTEGER NOT NULL,
         latency_us     INTEGER NOT NULL,
         first_token_us INTEGER NOT NULL
       ) STRICT;)",
    "ALTER TABLE usage ADD COLUMN usage_estimated INTEGER NOT NULL DEFAULT 0;",
    // totals: what was used, by UTC day, so that budgets need not add up all rows (spending.h).
    R"(ALTER TABLE usage ADD COLUMN team TEXT NOT NULL DEFAULT '';
       CREATE TABLE totals (
         scope    TEXT    NOT NULL,
         name     TEXT    NOT NULL,
         day      INTEGER NOT NULL,
         requests INTEGER NOT NULL,
         tokens   INTEGER NOT NULL,
         cost     REAL    NOT NULL,
         PRIMARY KEY (scope, name, day)
       ) STRICT, WITHOUT ROWID;
       INSERT INTO totals SELECT 'key', client_key, time_ms / 86400000, COUNT(*), SUM(input + output), SUM(cost)
         FROM usage WHERE provider <> '' AND client_key <> '' GROUP BY client_key, time_ms / 86400000;
       INSERT INTO totals SELECT 'provider', provider, time_ms / 86400000, COUNT(*), SUM(input + output), SUM(cost)
         FROM usage WHERE provider <> '' GROUP BY provider, time_ms / 86400000;)",
    "ALTER TABLE usage ADD COLUMN route TEXT NOT NULL DEFAULT '';",
    R"(ALTER TABLE usage ADD COLUMN cache TEXT NOT NULL DEFAULT '';
       ALTER TABLE usage ADD COLUMN saved REAL NOT NULL DEFAULT 0;)",
    // conversations: what clients save (conversations.h). `json` of a message is "" where role and text are all of it.
    R"(CREATE TABLE conversations (
         key        INTEGER PRIMARY KEY,
         id         TEXT    NOT NULL UNIQUE,
         owner      TEXT    NOT NULL,
         title      TEXT    NOT NULL,
         model      TEXT    NOT NULL,
         provider   TEXT    NOT NULL,
         metadata   TEXT    NOT NULL,
         version    INTEGER NOT NULL,
         messages   INTEGER NOT NULL,
         bytes      INTEGER NOT NULL,
         created_ms INTEGER NOT NULL,
         updated_ms INTEGER NOT NULL
       ) STRICT;
       CREATE INDEX conversations_by_owner ON conversations (owner, updated_ms);
       CREATE TABLE conversation_messages (
         conversation INTEGER NOT NULL,
         number       INTEGER NOT NULL,
         role         TEXT    NOT NULL,
         text         TEXT    NOT NULL,
         json         TEXT    NOT NULL,
         time_ms      INTEGER NOT NULL,
         PRIMARY KEY (conversation, number)
       ) STRICT;)",
    // benchmarks of models, and their runs (benchmarks.h).
    R"(CREATE TABLE benchmarks (
         id             TEXT    PRIMARY KEY,
         owner          TEXT    NOT NULL,
         state          TEXT    NOT NULL,
         begun_ms       INTEGER NOT NULL,
         ended_ms       INTEGER NOT NULL,
         alive_until_ms INTEGER NOT NULL,
         config         TEXT    NOT NULL,
         best           TEXT    NOT NULL
       ) STRICT;
       CREATE INDEX benchmarks_by_age ON benchmarks (begun_ms);
       CREATE INDEX benchmarks_by_owner ON benchmarks (owner, begun_ms);
       CREATE TABLE benchmark_runs (
         benchmark      TEXT    NOT NULL,
         number         INTEGER NOT NULL,
         model          TEXT    NOT NULL,
         provider       TEXT    NOT NULL,
         answered_by    TEXT    NOT NULL,
         prompt         INTEGER NOT NULL,
         category       TEXT    NOT NULL,
         run            INTEGER NOT NULL,
         begun_ms       INTEGER NOT NULL,
         error          TEXT    NOT NULL,
         message        TEXT    NOT NULL,
         cache          TEXT    NOT NULL,
         finish         TEXT    NOT NULL,
         latency_us     INTEGER NOT NULL,
         first_token_us INTEGER NOT NULL,
         input          INTEGER NOT NULL,
         output         INTEGER NOT NULL,
         usage_known    INTEGER NOT NULL,
         cost           REAL    NOT NULL,
         cost_known     INTEGER NOT NULL,
         chars          INTEGER NOT NULL,
         has_code       INTEGER NOT NULL,
         quality        REAL    NOT NULL,
         quality_by     TEXT    NOT NULL,
         grades         TEXT    NOT NULL,
         answer         TEXT    NOT NULL,
         PRIMARY KEY (benchmark, number)
       ) STRICT, WITHOUT ROWID;)",
};

Result<void> take_step(Database& db, std::span<const char* const> steps, int version) {
  TRY(db.exec("BEGIN IMMEDIATE"));
  const auto roll_back = [&](Error e) -> Result<void> {
    (void)db.exec("ROLLBACK");
    return std::unexpected(std::move(e));
  };
  // Another process may have taken the step while this one waited for the lock.
  const auto now = db.number("PRAGMA user_version");
  if (!now) return roll_back(now.error());
  if (*now > version) return db.exec("COMMIT");
  if (auto done = db.exec(steps[static_cast<std::size_t>(version)]); !done) return roll_back(done.error());
  if (auto done = db.exec(("PRAGMA user_version = " + std::to_string(version + 1)).c_str()); !done)
    return roll_back(done.error());
  if (auto done = db.exec("COMMIT"); !done) return roll_back(done.error());
  return {};
}

}  // namespace

int schema_version() { return static_cast<int>(std::size(kSteps)); }

Result<void> migrate(Database& db) { return migrate(db, kSteps); }

Result<void> migrate(Database& db, std::span<const char* const> steps) {
  const int newest = static_cast<int>(steps.size());
  TRY_ASSIGN(const std::int64_t found, db.number("PRAGMA user_version"));
  if (found > newest)
    return fail(Code::internal, "the database was made by a newer Patchbay (schema " + std::to_string(found) +
                                    ", this one knows " + std::to_string(newest) + ")");
  for (int version = static_cast<int>(found); version < newest; ++version) TRY(take_step(db, steps, version));
  return {};
}

}  // namespace pb::store
