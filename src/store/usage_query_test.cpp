#include <atomic>
#include <thread>
#include <vector>

#include "store/ledger.h"
#include "store/testing.h"

using namespace pb::store;
using namespace pb::store::testing;

TEST_SUITE_BEGIN("usage query");

namespace {

void fill(const std::string& path, const std::vector<UsageRow>& rows) {
  auto ledger = create_ledger({.path = path});
  for (const UsageRow& r : rows) ledger->add(r);
}

}  // namespace

TEST_CASE("sums, averages and percentiles") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  std::vector<UsageRow> rows;
  for (int i = 0; i < 200; ++i) {
    UsageRow r = row(i);  // latency 1000 … 200,000 µs
    r.cache_read = 1;
    r.cache_write = 2;
    r.reasoning = 3;
    if (i < 2) r.first_token_us = 100 + 100 * i;
    if (i >= 190) r.status = 500, r.cost_known = false, r.cost = 99;
    if (i == 50) r.cost_known = false;
    rows.push_back(r);
  }
  UsageRow interrupted = row(0);  // whose latency nobody knows
  interrupted.error = kInterrupted;
  interrupted.status = 500;
  interrupted.key = "crash";
  interrupted.latency_us = 0;
  rows.push_back(interrupted);
  fill(path, rows);
  CHECK(read_usage(path, {.key = "crash"}, {})->front().errors == 1);
  CHECK(read_usage(path, {.key = "crash"}, {})->front().latency_us_p50 == 0);
  const auto with = read_usage(path, {}, {});
  const auto sums = read_usage(path, {.key = "alice"}, {});
  REQUIRE(sums);
  CHECK(with->front().latency_us_p50 == sums->front().latency_us_p50);
  CHECK(with->front().latency_us_avg == sums->front().latency_us_avg);
  REQUIRE(sums->size() == 1);
  const UsageSum& s = sums->front();
  CHECK(s.group == "");
  CHECK(s.requests == 200);
  CHECK(s.errors == 10);
  CHECK(s.input == 200 * 1000 + 199 * 100);
  CHECK(s.output == 2000);
  CHECK(s.cache_read == 200);
  CHECK(s.cache_write == 400);
  CHECK(s.reasoning == 600);
  CHECK(s.cost == doctest::Approx(0.25 * 189));
  CHECK(s.cost_unknown == 1);  // failed requests cost nothing, they are not unknown
  CHECK(s.latency_us_avg == 100'500);
  CHECK(s.latency_us_p50 == 100'000);
  CHECK(s.latency_us_p99 == 198'000);
  CHECK(s.first_token_us_avg == 150);
}

TEST_CASE("estimated usage is told apart, also in a database of the first release") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  UsageRow estimated = row(1);
  estimated.usage_estimated = true;
  fill(path, {row(0), estimated, row(2)});
  CHECK(read_usage(path, {}, {})->front().estimated == 1);
  {
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(
        db->exec("ALTER TABLE usage DROP COLUMN usage_estimated; ALTER TABLE usage DROP COLUMN team; "
                 "ALTER TABLE usage DROP COLUMN route; "
                 "ALTER TABLE usage DROP COLUMN cache; ALTER TABLE usage DROP COLUMN saved; "
                 "DROP TABLE totals; DROP TABLE conversations; DROP TABLE conversation_messages; DROP TABLE "
                 "benchmarks; DROP TABLE benchmark_runs; "
                 "PRAGMA user_version = 1"));
  }
  const auto old = read_usage(path, {}, {});  // before a server has opened it
  REQUIRE(old);
  CHECK(old->front().requests == 3);
  CHECK(old->front().estimated == 0);
  fill(path, {estimated});
  CHECK(count(path) == 4);
  CHECK(read_usage(path, {}, {})->front().estimated == 1);
}

TEST_CASE("groups and filters") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  std::vector<UsageRow> rows;
  const char* const providers[] = {"b", "a", "b'; DROP TABLE usage; --"};
  for (int i = 0; i < 12; ++i) {
    UsageRow r = row(i);
    r.provider = providers[i % 3];
    r.model = i % 2 == 0 ? "m0" : "m1";
    r.key = i < 3 ? "" : "bob";
    r.route = i < 4 ? "main" : "";
    r.status = i == 0 ? 429 : i == 1 ? 503 : 200;
    r.time_ms += i * 86'400'000LL / 4;
    rows.push_back(r);
  }
  fill(path, rows);
  const auto by = [&](const std::vector<std::string>& columns, const UsageFilter& filter = {}) {
    const auto sums = read_usage(path, filter, columns);
    REQUIRE(sums);
    std::string all;
    for (const UsageSum& s : *sums) all += s.group + "=" + std::to_string(s.requests) + ";";
    return all;
  };
  CHECK(by({"provider"}) == "a=4;b=4;b'; DROP TABLE usage; --=4;");
  CHECK(by({"model", "provider"}, {.provider = "a"}) ==
        "a / m0=2;a / m1=2;");  // always in the order of columns
  CHECK(by({"key"}) == "=3;bob=9;");
  CHECK(by({"key", "model"}, {.model = "m1"}) == "m1 / =1;m1 / bob=5;");
  CHECK(by({}, {.provider = "b'; DROP TABLE usage; --"}) == "=4;");
  CHECK(by({}, {.key = "nobody"}) == "");
  CHECK(by({"provider"}, {.from_ms = rows[3].time_ms, .to_ms = rows[5].time_ms}) ==
        "a=1;b=1;");  // [from, to)
  CHECK(by({"status", "route"}) == " / 200=8;main / 200=2;main / 429=1;main / 503=1;");
  CHECK(by({}, {.route = "main"}) == "=4;");
  const auto status = [&](std::string_view text) {
    UsageFilter filter;
    REQUIRE(filter_status(text, filter));
    return by({}, filter);
  };
  CHECK(status("") == "=12;");
  CHECK(status("429") == "=1;");
  CHECK(status("2xx") == "=10;");
  CHECK(status("errors") == "=2;");
  UsageFilter unset;
  for (const char* text : {"ok", "9xx", "42", "4xxx", "4x1", "error"})
    CHECK_FALSE(filter_status(text, unset));
  const auto days = read_usage(path, {}, {"day"});
  REQUIRE(days);
  std::int64_t total = 0;
  for (const UsageSum& s : *days) {
    CHECK(s.day.size() == 10);
    CHECK(s.day.starts_with("2026-11-2"));
    total += s.requests;
  }
  CHECK(total == 12);
  CHECK(days->size() >= 3);
}

TEST_CASE("no database, no rows, not a database, wrong group") {
  const Folder folder;
  const auto missing = read_usage(folder / "none.db", {}, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == pb::Code::not_found);
  CHECK_FALSE(std::filesystem::exists(folder / "none.db"));
  fill(folder / "empty.db", {});
  CHECK(read_usage(folder / "empty.db", {}, {})->empty());
  CHECK(read_usage(folder / "empty.db", {}, {"day", "key"})->empty());
  write_file(folder / "zero.db", "");
  CHECK(read_usage(folder / "zero.db", {}, {})->empty());
  write_file(folder / "bad.db", std::string(5000, 'g'));
  const auto bad = read_usage(folder / "bad.db", {}, {});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("bad.db") != std::string::npos);
  CHECK(read_usage(folder / "empty.db", {}, {"colour"}).error().code == pb::Code::invalid_request);
}

TEST_CASE("while the ledger writes") {
  const Folder folder;
  const std::string path = folder / "patchbay.db";
  auto ledger = create_ledger({.path = path, .flush_ms = 1});
  ledger->add(row(0));
  ledger->flush();
  std::atomic<bool> stop{false};
  std::atomic<int> added{1};
  std::thread writer([&] {
    while (!stop) {
      for (int i = 0; i < 50; ++i) ledger->add(row(added++));
      ledger->flush();  // else it would add millions
    }
  });
  std::int64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const auto sums = read_usage(path, {}, {});
    REQUIRE(sums);
    REQUIRE(sums->size() == 1);
    CHECK(sums->front().requests >= last);
    last = sums->front().requests;
  }
  stop = true;
  writer.join();
  ledger->flush();
  CHECK(read_usage(path, {}, {})->front().requests == added);
  CHECK(ledger->stats().waiting == 0);
}

TEST_SUITE_END();
