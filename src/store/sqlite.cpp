#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>

namespace pb::store {

Error sqlite_error(sqlite3* handle, int result) {
  Error e;
  const int primary = result & 0xFF;
  e.retryable = primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
  e.code = e.retryable ? Code::overloaded : Code::internal;
  e.message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
  e.provider_code = std::to_string(result);
  return e;
}

void Statement::Finalize::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
void Database::Close::operator()(sqlite3* h) const { sqlite3_close_v2(h); }

void Statement::bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_.get(), at + 1, value); }
void Statement::bind(int at, double value) { sqlite3_bind_double(statement_.get(), at + 1, value); }
void Statement::bind(int at, std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text(statement_.get(), at + 1, text.empty() ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  Error e = sqlite_error(sqlite3_db_handle(statement_.get()), result);
  sqlite3_reset(statement_.get());
  return std::unexpected(std::move(e));
}

void Statement::reset() { sqlite3_reset(statement_.get()); }
std::int64_t Statement::whole(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text == nullptr
             ? std::string()
             : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  flags |= mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (mode == Mode::write) {
    // SQLite would make it readable by everyone. Its -wal and -shm files take the mode of this one.
    const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
  }
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database db;
  db.handle_.reset(handle);  // set even after most failures
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(handle, result));
  sqlite3_extended_result_codes(handle, 1);
  return db;
}

Result<void> Database::exec(const char* sql) {
  const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), result));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  Statement statement;
  statement.statement_.reset(made);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), result));
  return statement;
}

Result<std::int64_t> Database::number(std::string_view sql) {
  TRY_ASSIGN(Statement statement, prepare(sql));
  TRY_ASSIGN(const bool row, statement.step());
  return row ? statement.whole(0) : 0;
}

std::int64_t Database::changes() const { return sqlite3_total_changes64(handle_.get()); }

bool Database::file_intact() const {
  int moved = 0;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0)
    return false;
  // In WAL mode the file's own header is not read again while the database is open. It is read through SQLite's
  // descriptor, because closing another one would drop the process's locks (POSIX).
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr)
    return true;
  char header[16] = {};
  if (file->pMethods->xRead(file, header, sizeof header, 0) != SQLITE_OK) return false;
  return std::memcmp(header, "SQLite format 3", sizeof header) == 0;
}

}  // namespace pb::store
