#include "store/conversations.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <mutex>

#include "base/ids.h"
#include "base/limits_conversations.h"
#include "base/utf8.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace pb::store {
namespace {

// One more than the columns that read_row() reads: the row's own key.
constexpr const char* kColumns =
    "c.id, c.title, c.model, c.provider, c.metadata, c.version, c.messages, c.bytes, c.created_ms, "
    "c.updated_ms, "
    "c.key";
constexpr int kKeyColumn = 10;

Conversation read_row(const Statement& s) {
  Conversation c;
  c.id = s.text(0);
  c.title = s.text(1);
  c.model = s.text(2);
  c.provider = s.text(3);
  c.metadata = s.text(4);
  c.version = s.whole(5);
  c.messages = s.whole(6);
  c.bytes = s.whole(7);
  c.created_ms = s.whole(8);
  c.updated_ms = s.whole(9);
  return c;
}

std::int64_t bytes_of(const ConversationMessage& m) {
  return static_cast<std::int64_t>(m.role.size() + m.text.size() + m.json.size());
}

// For LIKE … ESCAPE '\': the text stands for itself.
std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}
std::string anywhere(std::string_view text) { return text.empty() ? "" : "%" + literal(text) + "%"; }

std::unexpected<Error> none(const std::string& id) {
  return fail(Code::not_found, "there is no conversation `" + std::string(utf8::beginning(id, 100)) + "`",
              "id");
}

Result<void> check_version(const Conversation& c, std::int64_t version) {
  if (version == 0 || version == c.version) return {};
  return fail(Code::invalid_request,
              "the conversation has version " + std::to_string(c.version) + ", not " +
                  std::to_string(version) + ": it was changed meanwhile; read it again",
              "version");
}

std::unexpected<Error> too_large(const std::string& what) { return fail(Code::too_large, what); }

// A connection of its own, so that a long search keeps nobody from saving.
class Connection {
 public:
  explicit Connection(const std::string& path) : path_(path) {}
  std::mutex mutex;

  // Null where there is no file and none is to be made. To be called with the mutex held.
  Result<Database*> open(bool make) {
    if (db_ && db_->file_intact()) return db_.get();
    db_.reset();
    std::error_code ignored;
    if (!make && !std::filesystem::exists(path_, ignored)) return nullptr;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
    TRY_ASSIGN(Database db, Database::open(path_, Database::Mode::write));
    TRY(db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
    TRY(migrate(db));
    db_ = std::make_unique<Database>(std::move(db));
    return db_.get();
  }

 private:
  const std::string& path_;
  std::unique_ptr<Database> db_;
};

struct Found {
  Conversation conversation;
  std::int64_t key = 0;
};

Result<Found> find(Database& db, const std::string& owner, const std::string& id) {
  TRY_ASSIGN(Statement s, db.prepare("SELECT " + std::string(kColumns) +
                                     " FROM conversations c WHERE c.id = ? AND c.owner = ?"));
  s.bind(0, std::string_view(id));
  s.bind(1, std::string_view(owner));
  TRY_ASSIGN(const bool row, s.step());
  if (!row) return none(id);
  return Found{read_row(s), s.whole(kKeyColumn)};
}

// Everything in `work` happens, or nothing of it.
template <class F>
auto transaction(Database& db, F work) -> decltype(work()) {
  TRY(db.exec("BEGIN IMMEDIATE"));
  auto result = work();
  if (result) {
    auto done = db.exec("COMMIT");
    if (done) return result;
    result = std::unexpected(std::move(done.error()));
  }
  [[maybe_unused]] const auto undone = db.exec("ROLLBACK");  // the first error is the one to tell
  return result;
}

Result<void> check_room(Database& db, const std::string& owner, const Conversation& after, std::int64_t more,
                        bool made) {
  if (after.messages > limits::kConversationMessagesMax)
    return too_large("a conversation may have " + std::to_string(limits::kConversationMessagesMax) +
                     " messages at most; begin another one");
  if (after.bytes > limits::kConversationBytesMax)
    return too_large("a conversation may have " + std::to_string(limits::kConversationBytesMax) +
                     " bytes at most; begin another one");
  TRY_ASSIGN(Statement s,
             db.prepare("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM conversations WHERE owner = ?"));
  s.bind(0, std::string_view(owner));
  TRY(s.step());
  if (made && s.whole(0) >= limits::kConversationsMax)
    return too_large("there are " + std::to_string(limits::kConversationsMax) +
                     " conversations already, which is the most; delete some first");
  if (s.whole(1) + more > limits::kConversationsBytesMax)
    return too_large("all conversations together may have " + std::to_string(limits::kConversationsBytesMax) +
                     " bytes at most; delete some first");
  return {};
}

Result<void> put(Database& db, const std::string& owner, const Conversation& c) {
  TRY_ASSIGN(
      Statement s,
      db.prepare("INSERT INTO conversations (id, owner, title, model, provider, metadata, version, messages, "
                 "bytes, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
                 "ON CONFLICT (id) DO UPDATE SET title = ?3, model = ?4, provider = ?5, metadata = ?6, "
                 "version = ?7, messages = ?8, bytes = ?9, updated_ms = ?11"));
  int at = 0;
  for (const std::string* text : {&c.id, &owner, &c.title, &c.model, &c.provider, &c.metadata})
    s.bind(at++, std::string_view(*text));
  for (const std::int64_t number : {c.version, c.messages, c.bytes, c.created_ms, c.updated_ms})
    s.bind(at++, number);
  TRY(s.step());
  return {};
}

Result<void> put_messages(Database& db, std::int64_t key, std::int64_t first,
                          const std::vector<ConversationMessage>& messages, std::int64_t now_ms) {
  TRY_ASSIGN(Statement s,
             db.prepare("INSERT INTO conversation_messages (conversation, number, role, text, json, "
                        "time_ms) VALUES (?, ?, ?, ?, ?, ?)"));
  for (const ConversationMessage& m : messages) {
    s.bind(0, key);
    s.bind(1, first++);
    s.bind(2, std::string_view(m.role));
    s.bind(3, std::string_view(m.text));
    s.bind(4, std::string_view(m.json));
    s.bind(5, now_ms);
    TRY(s.step());
  }
  return {};
}

Result<Conversation> change_in(Database& db, const ConversationChange& change) {
  Conversation c;
  if (change.id.empty()) {
    c.id = ids::make("conv_");
    c.created_ms = change.now_ms;
  } else {
    TRY_ASSIGN(Found found, find(db, change.owner, change.id));
    c = std::move(found.conversation);
  }
  TRY(check_version(c, change.version));
  const std::int64_t first = c.messages, bytes = c.bytes;
  ++c.version;
  c.updated_ms = std::max(c.updated_ms, change.now_ms);
  c.messages += static_cast<std::int64_t>(change.messages.size());
  for (const ConversationMessage& m : change.messages) c.bytes += bytes_of(m);
  if (change.title) c.title = *change.title;
  if (change.model) c.model = *change.model;
  if (change.provider) c.provider = *change.provider;
  if (change.metadata) c.metadata = *change.metadata;
  TRY(check_room(db, change.owner, c, c.bytes - bytes, change.id.empty()));
  TRY(put(db, change.owner, c));
  TRY_ASSIGN(const Found kept, find(db, change.owner, c.id));
  TRY(put_messages(db, kept.key, first, change.messages, change.now_ms));
  return c;
}

Result<std::int64_t> count(Database& db, const char* where, const auto& bind) {
  TRY_ASSIGN(Statement s, db.prepare(std::string("SELECT COUNT(*) FROM conversations c WHERE ") + where));
  bind(s);
  TRY_ASSIGN(const bool row, s.step());
  return row ? s.whole(0) : 0;
}

Result<std::vector<Conversation>> rows(Statement& s) {
  std::vector<Conversation> out;
  for (;;) {
    TRY_ASSIGN(const bool row, s.step());
    if (!row) return out;
    out.push_back(read_row(s));
  }
}

Result<void> erase(Database& db, std::int64_t key) {
  for (const char* sql : {"DELETE FROM conversation_messages WHERE conversation = ?",
                          "DELETE FROM conversations WHERE key = ?"}) {
    TRY_ASSIGN(Statement s, db.prepare(sql));
    s.bind(0, key);
    TRY(s.step());
  }
  return {};
}

constexpr std::int64_t kExpiredAtOnce = 100;

// How many; no more than that.
Result<std::int64_t> erase_some(Database& db, std::int64_t before_ms) {
  std::vector<std::int64_t> keys;
  TRY_ASSIGN(Statement s, db.prepare("SELECT key FROM conversations WHERE updated_ms < ? LIMIT ?"));
  s.bind(0, before_ms);
  s.bind(1, kExpiredAtOnce);
  for (;;) {
    TRY_ASSIGN(const bool row, s.step());
    if (!row) break;
    keys.push_back(s.whole(0));
  }
  for (const std::int64_t key : keys) TRY(erase(db, key));
  return static_cast<std::int64_t>(keys.size());
}

// Parameters: owner, pattern of the text, model, provider, from, to.
constexpr const char* kMatches =
    "c.owner = ?1 AND c.updated_ms >= ?5 AND c.updated_ms < ?6 AND (?3 = '' OR c.model = ?3) AND "
    "(?4 = '' OR c.provider = ?4) AND (?2 = '' OR c.title LIKE ?2 ESCAPE '\\' OR EXISTS (SELECT 1 FROM "
    "conversation_messages m WHERE m.conversation = c.key AND m.text LIKE ?2 ESCAPE '\\'))";

class SqliteConversations final : public ConversationStore {
 public:
  explicit SqliteConversations(std::string path) : path_(std::move(path)) {}

  Result<Conversation> save(const ConversationChange& change) override {
    const std::scoped_lock lock(writing_.mutex);
    TRY_ASSIGN(Database * db, writing_.open(change.id.empty()));
    if (db == nullptr) return none(change.id);
    return transaction(*db, [&] { return change_in(*db, change); });
  }

  Result<ConversationList> list(const ConversationFilter& f) override {
    const std::scoped_lock lock(reading_.mutex);
    TRY_ASSIGN(Database * db, reading_.open(false));
    if (db == nullptr) return ConversationList{};
    const std::string pattern = anywhere(f.text);
    const auto bind = [&](Statement& s) {
      int at = 0;
      for (const std::string* text : {&f.owner, &pattern, &f.model, &f.provider})
        s.bind(at++, std::string_view(*text));
      s.bind(at++, f.from_ms);
      s.bind(at, f.to_ms == 0 ? std::numeric_limits<std::int64_t>::max() : f.to_ms);
    };
    ConversationList list;
    TRY_ASSIGN(list.total, count(*db, kMatches, bind));
    TRY_ASSIGN(Statement s,
               db->prepare("SELECT " + std::string(kColumns) + " FROM conversations c WHERE " + kMatches +
                           " ORDER BY c.updated_ms DESC, c.key DESC LIMIT ?7 OFFSET ?8"));
    bind(s);
    s.bind(6, f.limit);
    s.bind(7, f.offset);
    TRY_ASSIGN(list.found, rows(s));
    return list;
  }

  Result<ConversationList> complete(const std::string& owner, const std::string& text,
                                    std::int64_t limit) override {
    const std::scoped_lock lock(reading_.mutex);
    TRY_ASSIGN(Database * db, reading_.open(false));
    if (db == nullptr) return ConversationList{};
    constexpr const char* kFits = "c.owner = ?1 AND (c.id GLOB ?2 || '*' OR c.title LIKE ?3 ESCAPE '\\')";
    // No id has anything but letters, digits and '_'; what else the client wrote begins none.
    const bool plain = text.find_first_of("*?[") == text.npos;
    const std::string begin = plain ? text : "-", pattern = "%" + literal(text) + "%";
    const auto bind = [&](Statement& s) {
      s.bind(0, std::string_view(owner));
      s.bind(1, std::string_view(begin));
      s.bind(2, std::string_view(pattern));
    };
    ConversationList list;
    TRY_ASSIGN(list.total, count(*db, kFits, bind));
    TRY_ASSIGN(Statement s,
               db->prepare("SELECT " + std::string(kColumns) + " FROM conversations c WHERE " + kFits +
                           " ORDER BY c.id GLOB ?2 || '*' DESC, c.updated_ms DESC, c.key DESC LIMIT ?4"));
    bind(s);
    s.bind(3, limit);
    TRY_ASSIGN(list.found, rows(s));
    return list;
  }

  Result<ConversationPage> read(const std::string& owner, const std::string& id,
                                const ConversationRange& range) override {
    const std::scoped_lock lock(reading_.mutex);
    TRY_ASSIGN(Database * db, reading_.open(false));
    if (db == nullptr) return none(id);
    return transaction_of_reading(*db, owner, id, range);
  }

  Result<Conversation> remove(const std::string& owner, const std::string& id,
                              std::int64_t version) override {
    const std::scoped_lock lock(writing_.mutex);
    TRY_ASSIGN(Database * db, writing_.open(false));
    if (db == nullptr) return none(id);
    return transaction(*db, [&]() -> Result<Conversation> {
      TRY_ASSIGN(const Found found, find(*db, owner, id));
      TRY(check_version(found.conversation, version));
      TRY(erase(*db, found.key));
      return found.conversation;
    });
  }

  Result<std::int64_t> expire(std::int64_t before_ms) override {
    for (std::int64_t gone = 0;;) {
      const std::scoped_lock lock(writing_.mutex);
      TRY_ASSIGN(Database * db, writing_.open(false));
      if (db == nullptr) return gone;
      TRY_ASSIGN(const std::int64_t some, transaction(*db, [&] { return erase_some(*db, before_ms); }));
      gone += some;
      if (some < kExpiredAtOnce) return gone;
    }
  }

 private:
  // Another process may save between two queries: these see one state.
  static Result<ConversationPage> transaction_of_reading(Database& db, const std::string& owner,
                                                         const std::string& id,
                                                         const ConversationRange& range) {
    TRY(db.exec("BEGIN"));
    auto page = read_in(db, owner, id, range);
    TRY(db.exec("COMMIT"));
    return page;
  }

  static Result<ConversationPage> read_in(Database& db, const std::string& owner, const std::string& id,
                                          const ConversationRange& range) {
    TRY_ASSIGN(Found found, find(db, owner, id));
    ConversationPage page{std::move(found.conversation), range.from, {}};
    TRY_ASSIGN(Statement s,
               db.prepare(std::string("SELECT number, role, text, json, time_ms FROM "
                                      "conversation_messages WHERE conversation = ? AND number >= ? "
                                      "ORDER BY number ") +
                          (range.last ? "DESC" : "ASC") + " LIMIT ?"));
    s.bind(0, found.key);
    s.bind(1, range.last ? 0 : range.from);
    s.bind(2, range.messages_max);
    std::int64_t bytes = 0;
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) break;
      ConversationMessage m{s.text(1), s.text(2), s.text(3), s.whole(4)};
      bytes += bytes_of(m);
      if (bytes > range.bytes_max && !page.messages.empty()) break;
      if (range.last || page.messages.empty()) page.first = s.whole(0);
      page.messages.push_back(std::move(m));
    }
    if (range.last) std::ranges::reverse(page.messages);
    return page;
  }

  const std::string path_;
  Connection writing_{path_}, reading_{path_};
};

}  // namespace

std::unique_ptr<ConversationStore> create_conversation_store(std::string path) {
  return std::make_unique<SqliteConversations>(std::move(path));
}

}  // namespace pb::store
