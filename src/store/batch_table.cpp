#include "store/batch_table.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <string>
#include <type_traits>

namespace pb::store {
namespace {

// How a column's value is told to SQLite, which asks for columns by their place.
using Tell = void (*)(sqlite3_context*, const void* value);
struct Column {
  Tell tell;
  std::size_t offset;  // in a NumberedRow
};

template <class T>
void tell(sqlite3_context* to, const void* value) {
  const T& v = *static_cast<const T*>(value);
  if constexpr (std::is_same_v<T, std::string>)
    // It lives longer than the statement.
    sqlite3_result_text(to, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
  else if constexpr (std::is_same_v<T, double>)
    sqlite3_result_double(to, v);
  else
    sqlite3_result_int64(to, static_cast<std::int64_t>(v));
}

const std::vector<Column>& columns() {
  static const std::vector<Column> all = [] {
    std::vector<Column> out;
    const NumberedRow row;
    each_column(row, [&]<class T>(const char*, const T& value) {
      out.push_back({&tell<T>, static_cast<std::size_t>(reinterpret_cast<const char*>(&value) -
                                                        reinterpret_cast<const char*>(&row))});
    });
    return out;
  }();
  return all;
}

struct Table {
  sqlite3_vtab base;
  const BatchTable* batch;
};
struct Cursor {
  sqlite3_vtab_cursor base;
  std::span<const NumberedRow* const> rows;
  const Column* columns;
  std::size_t at;
};
Cursor& of(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<Cursor*>(cursor); }

int connect(sqlite3* db, void* batch, int, const char* const*, sqlite3_vtab** out, char**) {
  std::string sql = "CREATE TABLE batch(";
  const NumberedRow row;
  each_column(row, [&](const char* name, const auto&) {
    if (!sql.ends_with('(')) sql += ',';
    sql += name;
  });
  const int result = sqlite3_declare_vtab(db, (sql += ')').c_str());
  if (result != SQLITE_OK) return result;
  auto* table = new (std::nothrow) Table{{}, static_cast<const BatchTable*>(batch)};
  if (table == nullptr) return SQLITE_NOMEM;
  *out = &table->base;
  return SQLITE_OK;
}
int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}
int plan(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }  // there is one way: from first to last

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor{{}, {}, columns().data(), 0};
  if (cursor == nullptr) return SQLITE_NOMEM;
  *out = &cursor->base;
  return SQLITE_OK;
}
int close(sqlite3_vtab_cursor* cursor) {
  delete &of(cursor);
  return SQLITE_OK;
}
int rewind(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  Cursor& c = of(cursor);
  c.rows = reinterpret_cast<Table*>(cursor->pVtab)->batch->shown();
  c.at = 0;
  return SQLITE_OK;
}
int next(sqlite3_vtab_cursor* cursor) {
  ++of(cursor).at;
  return SQLITE_OK;
}
int at_end(sqlite3_vtab_cursor* cursor) { return of(cursor).at >= of(cursor).rows.size() ? 1 : 0; }
int column(sqlite3_vtab_cursor* cursor, sqlite3_context* to, int number) {
  const Cursor& c = of(cursor);
  const Column& asked = c.columns[number];
  asked.tell(to, reinterpret_cast<const char*>(c.rows[c.at]) + asked.offset);
  return SQLITE_OK;
}
int row_number(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(of(cursor).at);
  return SQLITE_OK;
}

// Without xCreate it is there in every database, by its name, and nothing of it is stored.
constexpr sqlite3_module kModule = [] {
  sqlite3_module m{};
  m.xConnect = connect;
  m.xDisconnect = disconnect;
  m.xBestIndex = plan;
  m.xOpen = open;
  m.xClose = close;
  m.xFilter = rewind;
  m.xNext = next;
  m.xEof = at_end;
  m.xColumn = column;
  m.xRowid = row_number;
  return m;
}();

}  // namespace

void BatchTable::set(std::span<const NumberedRow> rows) {
  order_.clear();
  for (const NumberedRow& row : rows) order_.push_back(&row);
  const auto id = [](const NumberedRow* row) { return row->id; };
  if (!std::ranges::is_sorted(order_, {}, id)) std::ranges::sort(order_, {}, id);
  shown_ = {};
}

void BatchTable::show(std::size_t begin, std::size_t count) {
  shown_ = std::span<const NumberedRow* const>(order_).subspan(begin).first(
      std::min(count, order_.size() - begin));
}

Result<void> BatchTable::join(Database& db) {
  const int result = sqlite3_create_module(db.handle(), "batch", &kModule, this);
  if (result != SQLITE_OK) return std::unexpected(sqlite_error(db.handle(), result));
  return {};
}

}  // namespace pb::store
