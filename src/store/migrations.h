// The schema of patchbay.db, as a list of steps; `PRAGMA user_version` says how many were taken.
#pragma once
#include <span>

#include "base/error.h"
#include "store/sqlite.h"

namespace pb::store {

int schema_version();  // the newest one this program knows
// Brings a database opened for writing up to date, each step in its own transaction. Fails without touching
// anything when the database was made by a newer Patchbay.
Result<void> migrate(Database& db);
// The same for another database's steps.
Result<void> migrate(Database& db, std::span<const char* const> steps);

}  // namespace pb::store
