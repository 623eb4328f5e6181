#include "store/request_query.h"

#include <sqlite3.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <type_traits>

#include "store/migrations.h"
#include "store/sqlite.h"

namespace pb::store {
namespace {

constexpr int kWaitMs = 5000;  // for a writer in the middle of start-up
constexpr std::chrono::seconds kLongest{10};
constexpr int kLookEvery = 10'000;  // steps of SQLite's machine between looks at the clock

std::string columns() {
  std::string names;
  const NumberedRow row;
  each_column(row,
              [&](const char* name, const auto&) { names.append(names.empty() ? "" : ",").append(name); });
  return names;
}

NumberedRow row_of(const Statement& s) {
  NumberedRow row;
  int at = 0;
  each_column(row, [&](const char*, auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>)
      value = s.text(at++);
    else if constexpr (std::is_same_v<T, double>)
      value = s.real(at++);
    else
      value = static_cast<T>(s.whole(at++));
  });
  return row;
}

// The database for reading; nothing when a server has not made its tables yet.
Result<std::optional<Database>> open(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
  TRY_ASSIGN(Database db, Database::open(path, Database::Mode::read));
  TRY(db.exec(("PRAGMA busy_timeout = " + std::to_string(kWaitMs)).c_str()));
  TRY_ASSIGN(const std::int64_t version, db.number("PRAGMA user_version"));
  if (version == 0) return std::nullopt;
  if (version != schema_version())
    return fail(Code::internal, "the usage database is of another version of Patchbay");
  return std::optional<Database>(std::move(db));
}

// Ends a query that has to look through too much.
class Deadline {
 public:
  explicit Deadline(Database& db) : handle_(db.handle()) {
    sqlite3_progress_handler(handle_, kLookEvery, &Deadline::over, this);
  }
  ~Deadline() { sqlite3_progress_handler(handle_, 0, nullptr, nullptr); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  Error explain(Error e) const {
    if (passed_)
      return fail(Code::timeout, "the ledger is too large for this question; narrow the time or the filter")
          .error();
    return e;
  }

 private:
  static int over(void* self) {
    auto& d = *static_cast<Deadline*>(self);
    d.passed_ = std::chrono::steady_clock::now() > d.end_;
    return d.passed_ ? 1 : 0;
  }
  sqlite3* handle_;
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kLongest;
  bool passed_ = false;
};

Result<std::vector<NumberedRow>> rows_of(Statement& s) {
  std::vector<NumberedRow> out;
  for (;;) {
    TRY_ASSIGN(const bool row, s.step());
    if (!row) return out;
    out.push_back(row_of(s));
  }
}

}  // namespace

Result<std::vector<NumberedRow>> read_requests(const std::string& path, const UsageFilter& f,
                                               std::int64_t before, int most) {
  TRY_ASSIGN(auto db, open(path));
  if (!db) return std::vector<NumberedRow>();
  TRY_ASSIGN(Statement s,
             db->prepare(
                 "SELECT " + columns() +
                 " FROM usage WHERE id < ?1 AND time_ms >= ?2 AND time_ms < ?3 AND (?4 = '' OR provider = ?4)"
                 " AND (?5 = '' OR model = ?5) AND (?6 = '' OR client_key = ?6) AND (?7 = '' OR team = ?7)"
                 " AND (?8 = '' OR route = ?8) AND status BETWEEN ?9 AND ?10 ORDER BY id DESC LIMIT ?11"));
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  s.bind(0, before == 0 ? kEnd : before);
  s.bind(1, f.from_ms);
  s.bind(2, f.to_ms == 0 ? kEnd : f.to_ms);
  int at = 3;
  for (const std::string* text : {&f.provider, &f.model, &f.key, &f.team, &f.route})
    s.bind(at++, std::string_view(*text));
  s.bind(at++, static_cast<std::int64_t>(f.status_from));
  s.bind(at++, static_cast<std::int64_t>(f.status_to));
  s.bind(at++, static_cast<std::int64_t>(most));
  const Deadline deadline(*db);
  auto rows = rows_of(s);
  if (!rows) return std::unexpected(deadline.explain(std::move(rows.error())));
  return rows;
}

Result<NumberedRow> read_request(const std::string& path, std::string_view id) {
  const auto unknown = [&] {
    return fail(Code::not_found, "the ledger has no request `" + std::string(id) + "`");
  };
  TRY_ASSIGN(auto db, open(path));
  if (!db) return unknown();
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool own = ec == std::errc() && end == id.data() + id.size();
  TRY_ASSIGN(Statement s, db->prepare("SELECT " + columns() + " FROM usage WHERE " +
                                      (own ? "id = ?1" : "request_id = ?1") + " ORDER BY id DESC LIMIT 1"));
  if (own)
    s.bind(0, number);
  else
    s.bind(0, id);
  const Deadline deadline(*db);
  auto rows = rows_of(s);
  if (!rows) return std::unexpected(deadline.explain(std::move(rows.error())));
  if (rows->empty()) return unknown();
  return std::move(rows->front());
}

}  // namespace pb::store
