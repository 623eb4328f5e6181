// The usage table for writing: one connection, used by one thread.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "store/row.h"
#include "store/sqlite.h"

namespace pb::store {

class UsageDb {
 public:
  // While `hurry` is true, locks held by others are not waited for.
  UsageDb(std::string path, const std::atomic<bool>& hurry) : path_(std::move(path)), hurry_(hurry) {}
  ~UsageDb() { close(); }
  UsageDb(const UsageDb&) = delete;
  UsageDb& operator=(const UsageDb&) = delete;

  // Makes the folder, the file and the tables when they are missing; nothing when open already.
  Result<void> open(std::chrono::milliseconds wait);
  // All rows in one transaction; rows that are there already are left alone. Returns how many were new. Waits `wait`
  // at most for other connections. After any error but a lock the database is closed, the next call opens it again.
  // `durable`: the rows survive a power cut once this returned (else: a crash of this process).
  Result<std::int64_t> insert(std::span<const NumberedRow> rows, std::chrono::milliseconds wait,
                              bool durable = false);
  void close();

 private:
  static int on_busy(void* self, int count);
  Result<void> set_up();
  Result<std::int64_t> insert_all(std::span<const NumberedRow> rows);
  Result<std::int64_t> insert_rows(std::span<const NumberedRow> rows);
  Result<void> check_file();

  std::string path_;
  const std::atomic<bool>& hurry_;
  std::chrono::steady_clock::time_point deadline_;
  std::optional<Database> db_;
  std::optional<Statement> insert_, add_;
};

}  // namespace pb::store
