#include "store/keys.h"

#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "base/ids.h"
#include "store/key_row.h"
#include "store/migrations.h"

namespace pb::store {
namespace {

constexpr std::size_t kSecretLength = 40;  // letters and digits after the prefix
constexpr std::size_t kNameMax = 64;
constexpr int kWaitMs = 5000;  // for another process that writes

constexpr const char* kSteps[] = {
    R"(CREATE TABLE keys (
         id                  TEXT    PRIMARY KEY,
         name                TEXT    NOT NULL UNIQUE,
         prefix              TEXT    NOT NULL,
         digest              TEXT    NOT NULL,
         old_digest          TEXT    NOT NULL,
         old_until_ms        INTEGER NOT NULL,
         team                TEXT    NOT NULL,
         models              TEXT    NOT NULL,
         tools               TEXT    NOT NULL,
         requests_per_minute INTEGER NOT NULL,
         tokens_per_minute   INTEGER NOT NULL,
         requests_per_day    INTEGER NOT NULL,
         tokens_per_day      INTEGER NOT NULL,
         concurrency         INTEGER NOT NULL,
         budget              REAL    NOT NULL,
         budget_per          INTEGER NOT NULL,
         created_ms          INTEGER NOT NULL,
         expires_ms          INTEGER NOT NULL,
         revoked_ms          INTEGER NOT NULL,
         last_used_ms        INTEGER NOT NULL,
         metadata            TEXT    NOT NULL
       ) STRICT, WITHOUT ROWID;)",
};

std::string select_sql(std::string_view rest) {
  return "SELECT " + std::string(kKeyColumns) + " FROM keys " + std::string(rest);
}

std::string put_sql(std::string_view verb) {
  std::string marks = "?";
  for (int i = 1; i < kKeyColumnCount; ++i) marks += ",?";
  return std::string(verb) + " INTO keys(" + std::string(kKeyColumns) + ") VALUES(" + marks + ")";
}

std::unexpected<Error> unknown(std::string_view name) {
  return fail(Code::not_found, "there is no key named `" + std::string(name) + "`");
}

class SqliteKeys final : public KeyStore {
 public:
  explicit SqliteKeys(std::string path) : path_(std::move(path)) {}

  bool exists() const override { return ::access(path_.c_str(), F_OK) == 0; }

  Result<std::int64_t> version() override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return 0;
    TRY_ASSIGN(const std::int64_t seen, db_->number("PRAGMA data_version"));
    return opened_ * 1'000'000'000 + seen;
  }

  Result<std::vector<VirtualKey>> all() override {
    const std::scoped_lock lock(mutex_);
    std::vector<VirtualKey> out;
    TRY(open(false));
    if (!db_) return out;
    TRY_ASSIGN(Statement s, db_->prepare(select_sql("ORDER BY name")));
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) return out;
      out.push_back(read_key(s));
    }
  }

  Result<VirtualKey> find(std::string_view name) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return unknown(name);
    return look_up(name);
  }

  Result<void> add(const VirtualKey& key) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    TRY_ASSIGN(Statement s, db_->prepare(put_sql("INSERT")));
    const KeyTexts texts(key);
    bind_key(s, key, texts);
    auto done = s.step();
    if (done) return {};
    if (done.error().provider_code == std::to_string(SQLITE_CONSTRAINT_UNIQUE))
      return fail(Code::invalid_request, "there is a key named `" + key.name + "` already");
    return std::unexpected(std::move(done.error()));
  }

  Result<VirtualKey> update(std::string_view name,
                            const std::function<Result<void>(VirtualKey&)>& change) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return unknown(name);
    TRY(db_->exec("BEGIN IMMEDIATE"));
    auto changed = change_one(name, change);
    if (auto ended = db_->exec(changed ? "COMMIT" : "ROLLBACK"); !ended && changed) {
      (void)db_->exec("ROLLBACK");
      return std::unexpected(std::move(ended.error()));
    }
    return changed;
  }

  Result<void> touch(std::span<const std::pair<std::string, std::int64_t>> used) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_ || used.empty()) return {};
    TRY(db_->exec("BEGIN IMMEDIATE"));
    auto written = write_times(used);
    if (auto ended = db_->exec(written ? "COMMIT" : "ROLLBACK"); !ended && written) {
      (void)db_->exec("ROLLBACK");
      return ended;
    }
    return written;
  }

 private:
  Result<VirtualKey> look_up(std::string_view name) {
    TRY_ASSIGN(Statement s, db_->prepare(select_sql("WHERE name = ?1 OR id = ?1")));
    s.bind(0, name);
    TRY_ASSIGN(const bool row, s.step());
    if (!row) return unknown(name);
    return read_key(s);
  }

  Result<VirtualKey> change_one(std::string_view name,
                                const std::function<Result<void>(VirtualKey&)>& change) {
    TRY_ASSIGN(VirtualKey key, look_up(name));
    TRY(change(key));
    TRY_ASSIGN(Statement s, db_->prepare(put_sql("REPLACE")));
    const KeyTexts texts(key);
    bind_key(s, key, texts);
    TRY(s.step());
    return key;
  }

  Result<void> write_times(std::span<const std::pair<std::string, std::int64_t>> used) {
    TRY_ASSIGN(Statement s,
               db_->prepare("UPDATE keys SET last_used_ms = max(last_used_ms, ?2) WHERE id = ?1"));
    for (const auto& [id, ms] : used) {
      s.bind(0, std::string_view(id));
      s.bind(1, ms);
      TRY(s.step());
    }
    return {};
  }

  // `make`: also when there is no file yet; db_ stays empty otherwise.
  Result<void> open(bool make) {
    if (db_ && db_->file_intact()) return {};
    db_.reset();
    if (!make && !exists()) return {};
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
    auto opened = set_up();
    if (!opened) {
      opened.error().message = "the keys in " + path_ + " cannot be read: " + opened.error().message;
      return std::unexpected(std::move(opened.error()));
    }
    db_ = std::make_unique<Database>(std::move(*opened));
    ++opened_;
    return {};
  }

  Result<Database> set_up() {
    TRY_ASSIGN(Database db, Database::open(path_, Database::Mode::write));
    TRY(db.exec(("PRAGMA busy_timeout = " + std::to_string(kWaitMs)).c_str()));
    // A key that was shown to somebody must not be lost by a power cut.
    TRY(db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
    TRY(migrate(db, kSteps));
    return db;
  }

  const std::string path_;
  std::mutex mutex_;
  std::unique_ptr<Database> db_;
  std::int64_t opened_ = 0;  // how often: each connection counts versions by itself
};

}  // namespace

Result<std::string> give_secret(VirtualKey& key) {
  const std::string random = random_text(kSecretLength);
  if (random.empty()) return fail(Code::internal, "the system has no random numbers to give");
  if (key.id.empty()) key.id = ids::make("key_");
  std::string secret = std::string(kSecretPrefix) + random;
  key.prefix = secret.substr(0, kSecretPrefix.size() + 4) + "…" + secret.substr(secret.size() - 4);
  key.digest = sha256(secret);
  return secret;
}

std::string name_fault(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.@").contains(c);
  };
  if (name.empty()) return "a key needs a name";
  if (name.size() > kNameMax) return "a key's name has at most " + std::to_string(kNameMax) + " characters";
  for (const char c : name)
    if (!fits(c)) return "a key's name is made of letters, digits, `-`, `_`, `.` and `@`";
  return {};
}

std::unique_ptr<KeyStore> create_key_store(std::string path) {
  return std::make_unique<SqliteKeys>(std::move(path));
}

}  // namespace pb::store
