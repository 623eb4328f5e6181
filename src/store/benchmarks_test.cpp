#include "store/benchmarks.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "store/migrations.h"
#include "store/testing.h"
#include "store/usage_db.h"

namespace pb::store {
namespace {

constexpr std::int64_t kNow = 1'795'176'000'000;

Benchmark benchmark(const std::string& id, const std::string& owner, std::int64_t begun_ms = kNow) {
  Benchmark b;
  b.id = id;
  b.owner = owner;
  b.begun_ms = begun_ms;
  b.alive_until_ms = begun_ms + 60'000;
  b.config = R"({"runs":3})";
  return b;
}

BenchmarkRun run(std::int64_t number, const std::string& model) {
  BenchmarkRun r;
  r.number = number;
  r.model = model;
  r.provider = "up";
  r.answered_by = "real-" + model;
  r.prompt = 1;
  r.category = "coding";
  r.run = 2;
  r.begun_ms = kNow + number;
  r.message = "it's; DROP TABLE benchmarks";
  r.finish = "stop";
  r.latency_us = 1'000'000 * (number + 1);
  r.first_token_us = 5;
  r.input = 10;
  r.output = 20;
  r.usage_known = true;
  r.cost = 0.25;
  r.cost_known = true;
  r.chars = 4;
  r.has_code = true;
  r.quality = 0.5;
  r.quality_by = "heuristic";
  r.grades = R"({"coherence":1})";
  r.answer = "text";
  return r;
}

}  // namespace

TEST_SUITE("benchmarks kept") {
  TEST_CASE("a benchmark and its runs come back as they went in, also from another store") {
    const testing::Folder folder;
    const std::string path = folder / "deep/patchbay.db";
    auto store = create_benchmark_store({.path = path});
    CHECK(store->list({})->empty());
    CHECK_FALSE(std::filesystem::exists(path));  // reading makes nothing
    REQUIRE(store->begin(benchmark("bm_1", "ann")));
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(store->add("bm_1", run(0, "a"), kNow + 90'000));
    BenchmarkRun bad = run(1, "b");
    bad.error = "timeout";
    REQUIRE(store->add("bm_1", bad, kNow + 90'000));
    const BenchmarkGrade grade{0, 0.9, "judge", R"({"correctness":9})"};
    REQUIRE(store->grade("bm_1", std::span(&grade, 1)));
    REQUIRE(store->end("bm_1", "done", "a", kNow + 5000));
    REQUIRE(store->end("bm_1", "cancelled", "", kNow + 6000));  // it has ended already
    auto other = create_benchmark_store({.path = path});
    const auto found = other->find("bm_1", std::nullopt, kNow + 999'999);
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->owner == "ann");
    CHECK((*found)->state == "done");
    CHECK((*found)->best == "a");
    CHECK((*found)->ended_ms == kNow + 5000);
    CHECK((*found)->config == R"({"runs":3})");
    const auto runs = other->runs_of("bm_1");
    REQUIRE(runs);
    REQUIRE(runs->size() == 2);
    const BenchmarkRun &first = (*runs)[0], expected = run(0, "a");
    CHECK(first.model == "a");
    CHECK(first.provider == expected.provider);
    CHECK(first.answered_by == expected.answered_by);
    CHECK(first.prompt == 1);
    CHECK(first.category == "coding");
    CHECK(first.run == 2);
    CHECK(first.begun_ms == kNow);
    CHECK(first.message == expected.message);
    CHECK(first.finish == "stop");
    CHECK(first.latency_us == 1'000'000);
    CHECK(first.first_token_us == 5);
    CHECK(first.input == 10);
    CHECK(first.output == 20);
    CHECK(first.usage_known);
    CHECK(first.cost == doctest::Approx(0.25));
    CHECK(first.cost_known);
    CHECK(first.has_code);
    CHECK(first.quality == doctest::Approx(0.9));
    CHECK(first.quality_by == "judge");
    CHECK(first.grades == R"({"correctness":9})");
    CHECK(first.answer == "text");
    CHECK((*runs)[1].error == "timeout");
    const auto list = other->list({.now_ms = kNow});
    REQUIRE(list->size() == 1);
    const BenchmarkEntry& e = list->front();
    CHECK(e.models == std::vector<std::string>{"a", "b"});
    CHECK(e.runs == 2);
    CHECK(e.succeeded == 1);
    CHECK(e.models_succeeded == 1);
    CHECK(e.latency_us_avg == doctest::Approx(1'000'000));
  }

  TEST_CASE("an owner sees its own, everybody's are seen without one; filters are parameters") {
    const testing::Folder folder;
    auto store = create_benchmark_store({.path = folder / "p.db"});
    REQUIRE(store->begin(benchmark("bm_a1", "ann", kNow)));
    REQUIRE(store->add("bm_a1", run(0, "gpt-x"), 0));
    REQUIRE(store->begin(benchmark("bm_b1", "bob", kNow + 1)));
    REQUIRE(store->add("bm_b1", run(0, "claude"), 0));
    CHECK(store->list({.owner = "ann"})->size() == 1);
    CHECK(store->list({.owner = ""})->empty());
    CHECK(store->list({})->front().benchmark.id == "bm_b1");  // newest first
    CHECK(*store->count({.owner = "ann", .limit = 0}) == 1);
    CHECK(*store->count({}) == 2);
    CHECK_FALSE(*store->find("bm_b1", "ann", kNow));
    CHECK(*store->find("bm_b1", "bob", kNow));
    CHECK(store->list({.from_ms = kNow + 1})->size() == 1);
    CHECK(store->list({.model_part = "pt-"})->front().benchmark.id == "bm_a1");
    CHECK(store->list({.model_part = "%"})->empty());
    CHECK(store->list({.model_part = "' OR 1=1 --"})->empty());
    CHECK(store->list({.limit = 1})->size() == 1);
    CHECK(store->runs({.owner = "ann", .limit = 100})->size() == 1);
    CHECK(store->runs({.models = {"claude", "x') OR 1=1 --"}, .limit = 100})->size() == 1);
    CHECK(store->runs({.models = {"claude"}, .limit = 100})->front().answer.empty());
    CHECK(store->runs({.limit = 1})->size() == 1);
    CHECK(*store->ids("bm_", "ann") == std::vector<std::string>{"bm_a1"});
    CHECK(store->ids("bm_", std::nullopt)->size() == 2);
    CHECK(store->ids("bm%", std::nullopt)->empty());
  }

  TEST_CASE("the oldest go where there are too many, with their runs, each owner by itself") {
    const testing::Folder folder;
    const std::string path = folder / "p.db";
    auto store = create_benchmark_store({.path = path, .of_owner_max = 3, .all_max = 5});
    REQUIRE(store->begin(benchmark("bm_bob", "bob", kNow)));
    for (int i = 0; i < 6; ++i) {
      const std::string id = "bm_" + std::to_string(i);
      REQUIRE(store->begin(benchmark(id, "ann", kNow + 1 + i)));
      REQUIRE(store->add(id, run(0, "m"), 0));
    }
    CHECK(store->list({.owner = "ann", .limit = 100})->size() == 3);
    CHECK(*store->find("bm_bob", std::nullopt, kNow));
    CHECK_FALSE(*store->find("bm_2", std::nullopt, kNow));
    auto db = Database::open(path, Database::Mode::read);
    REQUIRE(db);
    CHECK(*db->number("SELECT COUNT(*) FROM benchmark_runs") == 3);
    CHECK_FALSE(store->add("bm_2", run(1, "m"), 0));  // no longer kept
    for (int i = 0; i < 3; ++i)
      REQUIRE(store->begin(benchmark("bm_c" + std::to_string(i), "c", kNow + 100 + i)));
    CHECK(*store->count({}) == 5);
    CHECK_FALSE(*store->find("bm_bob", std::nullopt, kNow));
  }

  TEST_CASE("one without news is told as interrupted") {
    const testing::Folder folder;
    auto store = create_benchmark_store({.path = folder / "p.db"});
    REQUIRE(store->begin(benchmark("bm_1", "")));
    CHECK((*store->find("bm_1", std::nullopt, kNow + 59'000))->state == "running");
    CHECK((*store->find("bm_1", std::nullopt, kNow + 61'000))->state == "interrupted");
    CHECK(store->list({.now_ms = kNow + 61'000})->front().benchmark.state == "interrupted");
    REQUIRE(store->add("bm_1", run(0, "m"), kNow + 200'000));
    CHECK((*store->find("bm_1", std::nullopt, kNow + 61'000))->state == "running");
  }

  TEST_CASE("the tables stand beside the ledger's, whichever of the two comes first") {
    const testing::Folder folder;
    const std::string path = folder / "p.db";
    const std::atomic<bool> hurry = false;
    UsageDb usage(path, hurry);
    REQUIRE(usage.open(std::chrono::milliseconds(1000)));
    auto store = create_benchmark_store({.path = path});
    REQUIRE(store->begin(benchmark("bm_1", "ann")));
    CHECK(testing::count(path) == 0);
    auto db = Database::open(path, Database::Mode::read);
    CHECK(*db->number("PRAGMA user_version") == schema_version());
  }

  TEST_CASE("a place where nothing can be written is an error, not the end") {
    auto store = create_benchmark_store({.path = "/proc/nowhere/p.db", .wait_ms = 1});
    CHECK_FALSE(store->begin(benchmark("bm_1", "ann")));
    CHECK(store->list({})->empty());
  }
}

}  // namespace pb::store
