// The ledger with a database that is locked, broken, read-only, gone: add() goes on, and no row is lost or doubled.
#include <sys/stat.h>

#include <unistd.h>
#include <filesystem>

#include "store/leftovers.h"
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

bool nothing_waits(const Ledger& ledger) { return ledger.stats().waiting == 0; }

}  // namespace

TEST_CASE("locked by another connection, then released: rows appear once") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  auto ledger = create_ledger({.path = path, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  auto other = Database::open(path, Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN EXCLUSIVE"));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= 100; ++i) ledger->add(row(i));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500));
  ledger->flush();  // gives the database up
  CHECK_FALSE(ledger->stats().database_ok);
  CHECK(ledger->stats().waiting == 100);
  CHECK(ledger->stats().in_memory == 0);
  for (int i = 101; i <= 200; ++i) ledger->add(row(i));
  ledger->flush();  // at once
  CHECK(ledger->stats().waiting == 200);
  REQUIRE(other->exec("ROLLBACK"));
  CHECK(eventually([&] { return ledger->stats().written == 201; }));
  CHECK(eventually([&] { return nothing_waits(*ledger); }));
  CHECK(eventually([&] { return ledger->stats().database_ok; }));  // said last
  ledger->add(row(201));
  ledger->flush();
  CHECK(distinct(path) == "202 of 202");
}

TEST_CASE("locked until the end: the journal has the rows, the next start settles them") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  create_ledger({.path = path})->flush();
  {
    auto other = Database::open(path, Database::Mode::write);
    REQUIRE(other);
    REQUIRE(other->exec("BEGIN IMMEDIATE"));
    auto ledger = create_ledger({.path = path});
    for (int i = 0; i < 20; ++i) ledger->add(row(i));
    CHECK_FALSE(has_leftovers(journal_of(path)));  // it lives
    ledger.reset();
  }
  CHECK(has_leftovers(journal_of(path)));
  auto ledger = create_ledger({.path = path});
  CHECK(eventually([&] { return ledger->stats().caught_up; }));
  CHECK(distinct(path) == "20 of 20");
  CHECK_FALSE(has_leftovers(journal_of(path)));
}

TEST_CASE("no place for the database, later one") {
  const Folder folder;
  write_file(folder / "f", "a file where a folder should be");
  const std::string path = folder / "f/patchbay.db";
  auto ledger = create_ledger({.path = path, .journal = folder / "j", .flush_ms = 10});
  for (int i = 0; i < 10; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 10);
  CHECK(ledger->stats().in_memory == 0);
  CHECK_FALSE(ledger->stats().database_ok);
  std::filesystem::remove(folder / "f");
  CHECK(eventually([&] { return ledger->stats().written == 10; }));
  CHECK(distinct(path) == "10 of 10");
}

TEST_CASE("neither database nor journal: rows wait, then are dropped and counted; add() never stops") {
  const Folder folder;
  write_file(folder / "f", "a file where a folder should be");
  const std::string path = folder / "f/patchbay.db";
  auto ledger = create_ledger({.path = path, .flush_ms = 10, .queue_max = 100});
  for (int i = 0; i < 150; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 100);
  CHECK(ledger->stats().in_memory == 100);
  CHECK(ledger->stats().dropped == 50);
  CHECK_FALSE(ledger->stats().journal_ok);
  std::filesystem::remove(folder / "f");
  CHECK(eventually([&] { return ledger->stats().written == 100; }));
  CHECK(eventually([&] { return ledger->stats().waiting == 0; }));
  CHECK(distinct(path) == "100 of 100");
  CHECK(eventually([&] { return ledger->stats().journal_ok; }));
}

TEST_CASE("a journal that is full: rows wait in memory, and all are written once") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  create_ledger({.path = path})->flush();
  auto other = Database::open(path, Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE"));
  auto ledger =
      create_ledger({.path = path, .flush_ms = 10, .segment_bytes = 16 << 10, .journal_bytes_max = 64 << 10});
  for (int i = 0; i < 1000; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK_FALSE(ledger->stats().journal_ok);
  CHECK(ledger->stats().in_memory > 100);
  CHECK(ledger->stats().in_memory < 900);
  CHECK(ledger->stats().waiting == 1000);
  REQUIRE(other->exec("ROLLBACK"));
  CHECK(eventually([&] { return ledger->stats().written == 1000; }));
  CHECK(distinct(path) == "1000 of 1000");
  CHECK(eventually([&] { return nothing_waits(*ledger); }));
  for (int i = 1000; i < 1100; ++i) ledger->add(row(i));
  CHECK(eventually([&] { return ledger->stats().journal_ok; }));
  ledger.reset();
  CHECK(distinct(path) == "1100 of 1100");
}

TEST_CASE("read-only database") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  create_ledger({.path = path})->flush();
  // A trigger instead of file modes, which mean nothing to root.
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(
        db->exec("CREATE TRIGGER refuse BEFORE INSERT ON usage BEGIN SELECT RAISE(ABORT, 'attempt to write a "
                 "readonly database'); END"));
  }
  auto ledger = create_ledger({.path = path, .flush_ms = 10});
  for (int i = 0; i < 10; ++i) ledger->add(row(i));
  ledger->flush();
  CHECK(ledger->stats().waiting == 10);
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
  const std::string path = folder / "patchbay.db", garbage(20'000, 'g');
  auto ledger = create_ledger({.path = path, .flush_ms = 10});
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
  CHECK(ledger->stats().waiting == 10);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  CHECK(eventually([&] { return distinct(path) == "10 of 10"; }));
  CHECK(eventually([&] { return ledger->stats().database_ok; }));
  ledger->add(row(11));
  ledger->flush();
  CHECK(eventually([&] { return distinct(path) == "11 of 11"; }));
}

TEST_CASE("garbage from the start: a file that is no database is left alone") {
  const Folder folder;
  const std::string path = folder / "patchbay.db", garbage(5000, 'g');
  write_file(path, garbage);
  {
    auto ledger = create_ledger({.path = path, .flush_ms = 10});
    for (int i = 0; i < 10; ++i) ledger->add(row(i));
    ledger->flush();
    CHECK(ledger->stats().waiting == 10);
  }
  CHECK(read_file(path) == garbage);
}

TEST_CASE("the database is deleted under the ledger: rows go to a new one") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  auto ledger = create_ledger({.path = path, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  ledger->add(row(1));
  ledger->flush();
  CHECK(eventually([&] { return distinct(path) == "1 of 1"; }));
}

TEST_CASE("a database of a newer Patchbay is not touched") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version = 1000"));
  }
  auto ledger = create_ledger({.path = path, .flush_ms = 10});
  ledger->add(row(0));
  ledger->flush();
  CHECK(ledger->stats().waiting == 1);
  const auto read = read_usage(path, {}, {});
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("newer") != std::string::npos);
}

TEST_SUITE_END();
