// A batch of rows as a table that SQL can read: one statement takes them all from memory, where a statement a row binds
// 26 parameters, opens the table and looks for its end each time (a quarter of a row's cost).
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "store/row.h"
#include "store/sqlite.h"

namespace pb::store {

// The table `batch` of one connection, with the usage table's columns by their names. Belongs to the connection's thread.
class BatchTable {
 public:
  BatchTable() = default;
  BatchTable(const BatchTable&) = delete;  // the connection keeps its address
  BatchTable& operator=(const BatchTable&) = delete;

  // To be called once a connection, which must end before this.
  Result<void> join(Database& db);
  // The rows to show from now on; they must live until there are others. They come by their ids: requests end in another order
  // than they began in, and rows that are added at the usage table's end cost less and fill its pages.
  void set(std::span<const NumberedRow> rows);
  // What a statement sees of them: `count` at most, from the `begin`th in that order on.
  void show(std::size_t begin, std::size_t count);
  std::span<const NumberedRow* const> shown() const { return shown_; }

 private:
  std::vector<const NumberedRow*> order_;
  std::span<const NumberedRow* const> shown_;
};

}  // namespace pb::store
