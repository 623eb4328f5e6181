#include "store/overflow.h"

#include <algorithm>

namespace pb::store {

void Overflow::push(NumberedRow row, int place, Journal& journal) {
  tidy(row.row);
  const std::lock_guard lock(mutex_);
  if (rows_.size() >= rows_max_) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    if (place >= 0) journal.open_rows()->release(place);
    return;
  }
  if (place >= 0) journal.open_rows()->write(place, row.id, row.row, 0);
  rows_.push_back({std::move(row), place});
  size_.store(rows_.size(), std::memory_order_relaxed);
}

void Overflow::retry(Journal& journal) {
  if (size() == 0) return;
  const std::lock_guard lock(mutex_);
  std::size_t taken = 0;
  while (taken < rows_.size() && journal.append(rows_[taken].row.id, rows_[taken].row.row)) ++taken;
  drop_oldest(taken, journal);
}

std::vector<NumberedRow> Overflow::some(std::size_t rows_max) {
  if (size() == 0) return {};
  const std::lock_guard lock(mutex_);
  std::vector<NumberedRow> out;
  for (std::size_t i = 0; i < std::min(rows_max, rows_.size()); ++i) out.push_back(rows_[i].row);
  return out;
}

void Overflow::settled(std::size_t rows, Journal& journal) {
  const std::lock_guard lock(mutex_);
  drop_oldest(rows, journal);
}

// With mutex_ held.
void Overflow::drop_oldest(std::size_t rows, Journal& journal) {
  for (std::size_t i = 0; i < rows; ++i)
    if (rows_[i].place >= 0) journal.open_rows()->release(rows_[i].place);
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(rows));
  size_.store(rows_.size(), std::memory_order_relaxed);
}

}  // namespace pb::store
