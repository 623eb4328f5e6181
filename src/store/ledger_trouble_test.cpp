// The ledger with a database that is locked, broken, read-only, gone: add() goes on, and no row is lost or doubled.
#include <sys/stat.h>

#include <unistd.h>
#include <filesystem>

#include "store/journal.h"
#include "store/testing.h"

using namespace pb::store;
using namespace pb::store::testing;

TEST_SUITE_BEGIN("ledger");

namespace {

// Distinct requests, all requests.
std::string distinct(const std::string& path) {
  auto db = Database::open(path, Database::Mode::read);
  if (!db) return "no database";
  const auto all = db->number("SELECT COUNT(*) FROM usage"),
             different = db->number("SELECT COUNT(DISTINCT request_id) FROM usage");
  return all && different ? std::to_string(*different) + " of " + std::to_string(*all) : "no table";
}

bool nothing_waits(const std::string& journal) {
  return !std::filesystem::exists(journal) && claim_journal(journal).empty();
}

}  // namespace

TEST_CASE("locked by another connection, then released: rows appear once") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  auto other = Database::open(path, Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN EXCLUSIVE"));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= 100; ++i) ledger->add(row(i));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
  ledger->flush();  // gives the database up, uses the journal
  CHECK_FALSE(ledger->stats().database_ok);
  CHECK(ledger->stats().journalled == 100);
  CHECK(ledger->stats().waiting == 0);
  for (int i = 101; i <= 200; ++i) ledger->add(row(i));
  ledger->flush();  // goes to the journal at once
  CHECK(ledger->stats().journalled == 200);
  REQUIRE(other->exec("ROLLBACK"));
  CHECK(eventually([&] { return ledger->stats().written == 201; }));
  CHECK(eventually([&] { return nothing_waits(journal); }));
  CHECK(ledger->stats().database_ok);
  ledger->add(row(201));
  ledger->flush();
  CHECK(distinct(path) == "202 of 202");
  CHECK(ledger->stats().journalled == 200);
}

TEST_CASE("locked until the end: the journal has the rows, the next start replays them") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  create_ledger({.path = path, .journal_path = journal})->flush();
  {
    auto other = Database::open(path, Database::Mode::write);
    REQUIRE(other);
    REQUIRE(other->exec("BEGIN IMMEDIATE"));
    auto ledger = create_ledger({.path = path, .journal_path = journal});
    for (int i = 0; i < 20; ++i) ledger->add(row(i));
    ledger.reset();
  }
  // Under its own name, or renamed for a replay that the lock then prevented.
  std::vector<std::filesystem::path> waiting;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(journal).parent_path())) {
    const std::string name = entry.path().filename().string();
    if (name == "j" || (name.starts_with("j.") && name.ends_with(".replay"))) waiting.push_back(entry.path());
  }
  REQUIRE_FALSE(waiting.empty());
  for (const auto& file : waiting) {
    struct stat info{};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
  auto ledger = create_ledger({.path = path, .journal_path = journal});
  CHECK(eventually([&] { return nothing_waits(journal); }));
  CHECK(distinct(path) == "20 of 20");
}

TEST_CASE("a journal with a half-written last line, damage, and rows the database has already") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  std::vector<NumberedRow> rows;
  for (int i = 0; i < 2500; ++i) rows.push_back({.id = row_id(7, i + 1), .row = row(i)});
  REQUIRE(append_journal(journal, rows));
  std::string text = read_file(journal);
  write_file(journal, text + "\x01\xff not JSON\n{}\n" + text.substr(0, 60));
  {
    auto ledger = create_ledger({.path = path, .journal_path = journal});
    CHECK(eventually([&] { return nothing_waits(journal); }));
    CHECK(ledger->stats().written == 2500);
  }
  // The same again, as after a crash between the commit and the deletion.
  write_file(folder / "j.abc.replay", text);
  REQUIRE(append_journal(journal, std::vector<NumberedRow>{{.id = row_id(8, 1), .row = row(2500)}}));
  {
    auto ledger = create_ledger({.path = path, .journal_path = journal});
    CHECK(eventually([&] { return nothing_waits(journal); }));
    CHECK(ledger->stats().written == 1);
  }
  CHECK(distinct(path) == "2501 of 2501");
}

TEST_CASE("a row after a half-written line is whole") {
  const Folder folder;
  const std::string journal = folder / "j";
  write_file(journal, "{\"id\":1,\"ti");
  REQUIRE(append_journal(journal, std::vector<NumberedRow>{{.id = row_id(7, 1), .row = row(5)}}));
  JournalReader reader(journal);
  REQUIRE(reader.open());
  const auto rows = reader.next(10);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].row.request_id == "req_5");
  CHECK(rows[0].row.latency_us == 6000);
  CHECK(rows[0].row.cost == 0.25);
  CHECK(rows[0].row.stream);
  CHECK(reader.damaged() == 1);
  CHECK(reader.next(10).empty());
}

TEST_CASE("the journal has a limit and takes all rows or none") {
  const Folder folder;
  const std::vector<NumberedRow> rows = {{.id = row_id(7, 1), .row = row(1)},
                                         {.id = row_id(7, 2), .row = row(2)}};
  CHECK_FALSE(append_journal(folder / "j", rows, 100));
  CHECK(std::filesystem::file_size(folder / "j") == 0);
  CHECK(append_journal(folder / "j", rows, 10'000));
  CHECK_FALSE(append_journal(folder / "no/such/folder/j", rows));
}

TEST_CASE("no place for the database, later one") {
  const Folder folder;
  write_file(folder / "f", "a file where a folder should be");
  const std::string path = folder / "f/patchbay.db", journal = folder / "j";
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  for (int i = 0; i < 10; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 0);
  CHECK(ledger->stats().journalled == 10);
  CHECK_FALSE(ledger->stats().database_ok);
  std::filesystem::remove(folder / "f");
  CHECK(eventually([&] { return ledger->stats().written == 10; }));
  CHECK(distinct(path) == "10 of 10");
}

TEST_CASE("neither database nor journal: rows wait, then are dropped and counted; add() never stops") {
  const Folder folder;
  write_file(folder / "f", "a file where a folder should be");
  const std::string path = folder / "f/patchbay.db";
  auto ledger =
      create_ledger({.path = path, .journal_path = folder / "f/j", .flush_ms = 10, .queue_max = 50});
  for (int i = 0; i < 150; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 100);
  CHECK(ledger->stats().dropped == 50);
  std::filesystem::remove(folder / "f");
  CHECK(eventually([&] { return ledger->stats().written == 100; }));
  CHECK(eventually([&] { return ledger->stats().waiting == 0; }));
  CHECK(distinct(path) == "100 of 100");
}

TEST_CASE("read-only database") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  create_ledger({.path = path, .journal_path = journal})->flush();
  // A trigger instead of file modes, which mean nothing to root.
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(
        db->exec("CREATE TRIGGER refuse BEFORE INSERT ON usage BEGIN SELECT RAISE(ABORT, 'attempt to write a "
                 "readonly database'); END"));
  }
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  for (int i = 0; i < 10; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().journalled == 10);
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(eventually([&] { return db->exec("DROP TRIGGER refuse").has_value(); }));
  }
  CHECK(eventually([&] { return ledger->stats().written == 10; }));
  CHECK(distinct(path) == "10 of 10");
}

TEST_CASE("the database is overwritten with garbage, then taken away") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j", garbage(20'000, 'g');
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  {
    // Else the ledger's own checkpoint could put all pages back over the garbage.
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(eventually([&] { return db->number("PRAGMA wal_checkpoint(TRUNCATE)") == 0; }));
  }
  SUBCASE("in place") { write_file(path, garbage); }
  SUBCASE("by another file") {
    write_file(folder / "g", garbage);
    std::filesystem::rename(folder / "g", path);
  }
  for (int i = 1; i <= 10; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 0);
  CHECK(ledger->stats().journalled == 10);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  CHECK(eventually([&] { return distinct(path) == "10 of 10"; }));
  CHECK(eventually([&] { return ledger->stats().database_ok; }));
  ledger->add(row(11));
  ledger->flush();
  CHECK(eventually([&] { return distinct(path) == "11 of 11"; }));
}

TEST_CASE("garbage from the start: a file that is no database is left alone") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j", garbage(5000, 'g');
  write_file(path, garbage);
  {
    auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
    for (int i = 0; i < 10; ++i) ledger->add(row(i));
    ledger->flush();
    CHECK(ledger->stats().journalled == 10);
  }
  CHECK(read_file(path) == garbage);
}

TEST_CASE("the database is deleted under the ledger: rows go to a new one") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  ledger->add(row(1));
  ledger->flush();
  CHECK(eventually([&] { return distinct(path) == "1 of 1"; }));
}

TEST_CASE("a database of a newer Patchbay is not touched") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", journal = folder / "j";
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version = 1000"));
  }
  auto ledger = create_ledger({.path = path, .journal_path = journal, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  CHECK(ledger->stats().journalled == 1);
  const auto read = read_usage(path, {}, {});
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("newer") != std::string::npos);
}

TEST_SUITE_END();
