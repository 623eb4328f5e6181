// The usage table for writing: one connection, used by one thread.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "store/batch_table.h"
#include "store/row.h"
#include "store/sqlite.h"

namespace pb::store {

class UsageDb {
 public:
  // While `hurry` is true, locks held by others are not waited for. `between` is called between pieces of a long insertion,
  // within its transaction.
  UsageDb(
      std::string path, const std::atomic<bool>& hurry, std::function<void()> between = [] {})
      : path_(std::move(path)), hurry_(hurry), between_(std::move(between)) {}
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
  Result<std::int64_t> insert_batch(std::span<const NumberedRow> rows);
  Result<std::int64_t> insert_singly(std::span<const NumberedRow> rows);
  Result<void> check_file();

  std::string path_;
  const std::atomic<bool>& hurry_;
  const std::function<void()> between_;
  std::chrono::steady_clock::time_point deadline_;
  BatchTable batch_;  // the connection's, which ends first
  std::optional<Database> db_;
  std::optional<Statement> insert_, add_;
};

}  // namespace pb::store
