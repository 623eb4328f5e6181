#include "store/responses.h"

#include <filesystem>
#include <mutex>

#include "store/sqlite.h"

namespace pb::store {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS responses ("
    " id TEXT PRIMARY KEY, owner TEXT NOT NULL, previous TEXT NOT NULL, created_s INTEGER NOT NULL,"
    " input TEXT NOT NULL, response TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS responses_by_age ON responses (created_s);";
constexpr int kTidyEvery = 64;         // answers kept between two looks for old ones
constexpr std::int64_t kOldest = 100;  // that go at once when there are too many bytes

class SqliteResponses final : public ResponseStore {
 public:
  explicit SqliteResponses(ResponseStoreOptions options) : options_(std::move(options)) {}

  Result<void> put(const StoredResponse& r) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    TRY_ASSIGN(
        Statement s,
        db_->prepare("INSERT OR REPLACE INTO responses (id, owner, previous, created_s, input, response)"
                     " VALUES (?, ?, ?, ?, ?, ?)"));
    s.bind(0, std::string_view(r.id));
    s.bind(1, std::string_view(r.owner));
    s.bind(2, std::string_view(r.previous));
    s.bind(3, r.created_s);
    s.bind(4, std::string_view(r.input));
    s.bind(5, std::string_view(r.response));
    TRY(s.step());
    if (++puts_ % kTidyEvery == 1) TRY(tidy(r.created_s));
    return {};
  }

  Result<std::optional<StoredResponse>> get(const std::string& id, const std::string& owner) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return std::nullopt;
    TRY_ASSIGN(Statement s,
               db_->prepare(
                   "SELECT previous, created_s, input, response FROM responses WHERE id = ? AND owner = ?"));
    s.bind(0, std::string_view(id));
    s.bind(1, std::string_view(owner));
    TRY_ASSIGN(const bool found, s.step());
    if (!found) return std::nullopt;
    StoredResponse r{id, owner, s.text(0), s.whole(1), s.text(2), s.text(3)};
    return r;
  }

  Result<bool> remove(const std::string& id, const std::string& owner) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return false;
    TRY_ASSIGN(Statement s, db_->prepare("DELETE FROM responses WHERE id = ? AND owner = ?"));
    s.bind(0, std::string_view(id));
    s.bind(1, std::string_view(owner));
    const std::int64_t before = db_->changes();
    TRY(s.step());
    return db_->changes() != before;
  }

 private:
  // `make`: also when there is no file yet.
  Result<void> open(bool make) {
    if (db_ && db_->file_intact()) return {};
    db_.reset();
    std::error_code ignored;
    if (!make && !std::filesystem::exists(options_.path, ignored)) return {};
    std::filesystem::create_directories(std::filesystem::path(options_.path).parent_path(), ignored);
    TRY_ASSIGN(Database db, Database::open(options_.path, Database::Mode::write));
    TRY(db.exec("PRAGMA journal_mode = WAL"));
    TRY(db.exec("PRAGMA synchronous = NORMAL"));
    TRY(db.exec(kSchema));
    db_ = std::make_unique<Database>(std::move(db));
    return {};
  }

  Result<void> tidy(std::int64_t now_s) {
    TRY_ASSIGN(Statement old, db_->prepare("DELETE FROM responses WHERE created_s < ?"));
    old.bind(0, now_s - std::int64_t{options_.days} * 24 * 3600);
    TRY(old.step());
    for (;;) {
      TRY_ASSIGN(const std::int64_t bytes,
                 db_->number("SELECT coalesce(sum(length(input) + length(response)), 0) FROM responses"));
      if (bytes <= options_.bytes_max) return {};
      TRY_ASSIGN(
          Statement s,
          db_->prepare(
              "DELETE FROM responses WHERE id IN (SELECT id FROM responses ORDER BY created_s LIMIT ?)"));
      s.bind(0, kOldest);
      TRY(s.step());
    }
  }

  const ResponseStoreOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Database> db_;
  int puts_ = 0;
};

}  // namespace

std::unique_ptr<ResponseStore> create_response_store(ResponseStoreOptions options) {
  return std::make_unique<SqliteResponses>(std::move(options));
}

}  // namespace pb::store
