// The ledger in good times; what goes wrong is in ledger_trouble_test.cpp.
#include "store/ledger.h"

#include <sys/stat.h>

#include <cstdio>
#include <vector>

#include "store/testing.h"

using namespace pb::store;
using namespace pb::store::testing;

TEST_SUITE_BEGIN("ledger");

TEST_CASE("rows are in the database after flush, and after the end") {
  const Folder folder;
  const std::string path = folder / "new/folder/patchbay.db";
  {
    auto ledger = create_ledger({.path = path});
    for (int i = 0; i < 10; ++i) ledger->add(row(i));
    ledger->flush();
    CHECK(count(path) == 10);
    const LedgerStats stats = ledger->stats();
    CHECK(stats.written == 10);
    CHECK(stats.interrupted == 0);
    CHECK(stats.dropped == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.database_ok);
    for (int i = 10; i < 15; ++i) ledger->add(row(i));
  }
  CHECK(std::filesystem::is_empty(journal_of(path)));  // what the database has is deleted
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  CHECK(count(path) == 15);
}

TEST_CASE("every column is kept") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  UsageRow r = row(1);
  r.error = "rate_limited";
  r.status = 429;
  r.output = 2;
  r.cache_read = 3;
  r.cache_write = 4;
  r.reasoning = 5;
  r.cost = 1.5;
  r.first_token_us = 77;
  create_ledger({.path = path})->add(r);
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  auto read = db->prepare(
      "SELECT "
      "time_ms,request_id,client_format,provider,model,asked_model,client_key,status,error,stream,input,"
      "output,"
      "cache_read,cache_write,reasoning,usage_known,cost,cost_known,latency_us,first_token_us FROM usage");
  REQUIRE(read);
  REQUIRE(*read->step());
  std::string all;
  for (int i = 0; i < 20; ++i) all += (i == 0 ? "" : "|") + read->text(i);
  CHECK(
      all ==
      "1795176000001|req_1|openai_chat|up|gpt-x|fast|alice|429|rate_limited|1|1001|2|3|4|5|1|1.5|1|2000|77");
}

TEST_CASE("files are readable by their owner only") {
  const Folder folder;
  const std::string path = folder / "d/patchbay.db";
  auto ledger = create_ledger({.path = path});
  ledger->add(row(1));
  ledger->flush();
  const auto mode = [](const std::string& name) {
    struct stat info{};
    return ::stat(name.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  };
  CHECK(mode(folder / "d") == 0700);
  CHECK(mode(path) == 0600);
  CHECK(mode(path + "-wal") == 0600);
  CHECK(mode(journal_of(path)) == 0700);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(journal_of(path))) {
    CHECK(mode(entry.path().string()) == 0600);
    ++files;
  }
  CHECK(files == 2);
}

TEST_CASE("texts are bounded and repaired") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  UsageRow r = row(1);
  r.asked_model = std::string(1 << 20, 'x');
  r.model = "a\xFFz";
  r.cost = std::numeric_limits<double>::quiet_NaN();
  create_ledger({.path = path})->add(r);
  auto db = Database::open(path, Database::Mode::read);
  REQUIRE(db);
  CHECK(*db->number("SELECT LENGTH(asked_model) FROM usage") == 256);
  CHECK(*db->number("SELECT model = 'a' || CHAR(65533) || 'z' FROM usage") == 1);
  CHECK(*db->number("SELECT cost_known FROM usage") == 0);
}

TEST_CASE("several threads, several ledgers on one file") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  constexpr int kThreads = 4, kRows = 1000;
  {
    auto one = create_ledger({.path = path, .flush_ms = 1});
    auto two = create_ledger({.path = path, .flush_ms = 1});
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < kRows; ++i) (t % 2 == 0 ? one : two)->add(row(i));
      });
    for (auto& thread : threads) thread.join();
  }
  // A ledger that found the other one writing for longer than it waits has left rows in its journal.
  create_ledger({.path = path})->flush();
  CHECK(eventually([&] { return count(path) == kThreads * kRows; }));
}

TEST_CASE("100,000 rows: time of add(), none lost, the write-ahead log stays small") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  constexpr int kRows = 100'000;
  std::vector<UsageRow> rows;
  rows.reserve(kRows);
  for (int i = 0; i < kRows; ++i) rows.push_back(row(i));
  auto ledger = create_ledger({.path = path});
  const auto begin = std::chrono::steady_clock::now();
  for (const UsageRow& r : rows) ledger->add(r);
  const auto added = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return ledger->stats().waiting == 0; }));
  const auto end = std::chrono::steady_clock::now();
  const auto ns = [](auto d) {
    return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(d).count());
  };
  std::printf("ledger: add() %.0f ns a row, written at %.0f rows/s\n", ns(added - begin) / kRows,
              kRows / (ns(end - begin) / 1e9));
  CHECK(ledger->stats().waiting == 0);
  CHECK(std::filesystem::file_size(path + "-wal") < 12u << 20);
  ledger.reset();
  create_ledger({.path = path})->flush();
  CHECK(eventually([&] { return count(path) == kRows; }));
}

TEST_SUITE_END();
