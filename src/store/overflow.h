// Rows that the journal had no room for (a full disk), in memory until it or the database takes them. A request that has a
// place among those under way keeps its row there as well, so that it survives.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "store/journal.h"

namespace pb::store {

class Overflow {
 public:
  explicit Overflow(std::size_t rows_max) : rows_max_(rows_max) {}
  void push(NumberedRow row, int place, Journal& journal);  // any thread
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // One thread.
  void retry(Journal& journal);                         // gives the journal what it takes now
  std::vector<NumberedRow> some(std::size_t rows_max);  // the oldest
  void settled(std::size_t rows, Journal& journal);     // so many of the oldest are in the database

 private:
  struct Kept {
    NumberedRow row;
    int place;
  };
  void drop_oldest(std::size_t rows, Journal& journal);
  const std::size_t rows_max_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;
  std::vector<Kept> rows_;
};

}  // namespace pb::store
