// The few pieces of SQLite's C API that the store uses, with owners and Result. One thread at a time per Database.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pb::store {

// A prepared statement. Parameters and columns count from 0. Bound text must live until the next reset().
class Statement {
 public:
  void bind(int at, std::int64_t value);
  void bind(int at, double value);
  void bind(int at, std::string_view text);
  // true = a row is ready; false = done. After false or an error the statement is reset.
  Result<bool> step();
  void reset();
  std::int64_t whole(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* s) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { read, write };
  // `write` makes the file (0600) when it is missing; `read` does not. Nothing is read from the file yet.
  static Result<Database> open(const std::string& path, Mode mode);
  Result<void> exec(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // One value of a query without parameters.
  Result<std::int64_t> number(std::string_view sql);
  std::int64_t changes() const;  // rows changed since the database was opened
  sqlite3* handle() const { return handle_.get(); }
  // False when the file was moved, deleted or overwritten with something that is no database.
  bool file_intact() const;

 private:
  struct Close {
    void operator()(sqlite3* h) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// Error{overloaded, retryable} when another connection holds a lock, else Error{internal}.
Error sqlite_error(sqlite3* handle, int result);

}  // namespace pb::store
