#include "store/benchmarks.h"

#include <filesystem>
#include <mutex>
#include <type_traits>

#include "base/limits_benchmark.h"
#include "store/mapped_file.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace pb::store {
namespace {

// The columns of benchmark_runs behind `benchmark`, in their order.
template <class Run, class F>
void each_column(Run& r, F f) {
  f("number", r.number);
  f("model", r.model);
  f("provider", r.provider);
  f("answered_by", r.answered_by);
  f("prompt", r.prompt);
  f("category", r.category);
  f("run", r.run);
  f("begun_ms", r.begun_ms);
  f("error", r.error);
  f("message", r.message);
  f("cache", r.cache);
  f("finish", r.finish);
  f("latency_us", r.latency_us);
  f("first_token_us", r.first_token_us);
  f("input", r.input);
  f("output", r.output);
  f("usage_known", r.usage_known);
  f("cost", r.cost);
  f("cost_known", r.cost_known);
  f("chars", r.chars);
  f("has_code", r.has_code);
  f("quality", r.quality);
  f("quality_by", r.quality_by);
  f("grades", r.grades);
  f("answer", r.answer);
}

std::string columns() {
  std::string out;
  const BenchmarkRun run;
  each_column(run,
              [&](const char* name, const auto&) { out.append(out.empty() ? "r." : ", r.").append(name); });
  return out;
}

constexpr int kRunColumns = 25;

std::string insert_sql() {
  std::string names = "benchmark", marks = "?";
  const BenchmarkRun run;
  each_column(run, [&](const char* name, const auto&) {
    names.append(", ").append(name);
    marks += ", ?";
  });
  return "INSERT OR REPLACE INTO benchmark_runs (" + names + ") VALUES (" + marks + ")";
}

void bind(Statement& s, int at, const BenchmarkRun& run) {
  each_column(run, [&](const char*, const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>)
      s.bind(at++, std::string_view(value));
    else if constexpr (std::is_same_v<T, double>)
      s.bind(at++, value);
    else
      s.bind(at++, static_cast<std::int64_t>(value));
  });
}

BenchmarkRun read_run(const Statement& s) {
  BenchmarkRun run;
  int at = 0;
  each_column(run, [&](const char*, auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::string>)
      value = s.text(at++);
    else if constexpr (std::is_same_v<T, double>)
      value = s.real(at++);
    else if constexpr (std::is_same_v<T, bool>)
      value = s.whole(at++) != 0;
    else
      value = s.whole(at++);
  });
  return run;
}

constexpr std::string_view kBenchmark =
    "b.id, b.owner, b.state, b.begun_ms, b.ended_ms, b.alive_until_ms, b.config, b.best";
constexpr int kBenchmarkColumns = 8;

Benchmark read_benchmark(const Statement& s, std::int64_t now_ms) {
  Benchmark b{s.text(0), s.text(1), s.text(2), s.whole(3), s.whole(4), s.whole(5), s.text(6), s.text(7)};
  if (b.state == "running" && b.alive_until_ms < now_ms) b.state = "interrupted";
  return b;
}

// The conditions that benchmarks are chosen by; ?1 to ?4.
constexpr std::string_view kChosen =
    " (?1 = 0 OR b.owner = ?2) AND b.begun_ms >= ?3 AND (?4 = '' OR EXISTS (SELECT 1 FROM benchmark_runs m"
    " WHERE m.benchmark = b.id AND instr(m.model, ?4) > 0))";

void bind_chosen(Statement& s, const BenchmarkFilter& filter) {
  s.bind(0, std::int64_t{filter.owner.has_value()});
  s.bind(1, filter.owner ? std::string_view(*filter.owner) : std::string_view());
  s.bind(2, filter.from_ms);
  s.bind(3, std::string_view(filter.model_part));
}

class SqliteBenchmarks final : public BenchmarkStore {
 public:
  explicit SqliteBenchmarks(BenchmarkStoreOptions options) : options_(std::move(options)) {
    if (options_.of_owner_max == 0) options_.of_owner_max = limits::kBenchmarksOfOwnerMax;
    if (options_.all_max == 0) options_.all_max = limits::kBenchmarksMax;
  }

  Result<void> begin(const Benchmark& b) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    TRY(db_->exec("BEGIN IMMEDIATE"));
    if (auto done = insert(b); !done) {
      if (!db_->exec("ROLLBACK")) db_.reset();
      return done;
    }
    return db_->exec("COMMIT");
  }

  Result<void> add(const std::string& id, const BenchmarkRun& run, std::int64_t alive_until_ms) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    // The benchmark may have gone meanwhile, where many newer ones have been begun.
    TRY_ASSIGN(Statement alive, db_->prepare("UPDATE benchmarks SET alive_until_ms = ? WHERE id = ?"));
    alive.bind(0, alive_until_ms);
    alive.bind(1, std::string_view(id));
    const std::int64_t before = db_->changes();
    TRY(alive.step());
    if (db_->changes() == before) return fail(Code::not_found, "the benchmark is no longer kept");
    TRY_ASSIGN(Statement s, db_->prepare(insert_sql()));
    s.bind(0, std::string_view(id));
    bind(s, 1, run);
    TRY(s.step());
    return {};
  }

  Result<void> grade(const std::string& id, std::span<const BenchmarkGrade> grades) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    for (const BenchmarkGrade& g : grades) {
      TRY_ASSIGN(Statement s, db_->prepare("UPDATE benchmark_runs SET quality = ?, quality_by = ?, grades = ?"
                                           " WHERE benchmark = ? AND number = ?"));
      s.bind(0, g.quality);
      s.bind(1, std::string_view(g.quality_by));
      s.bind(2, std::string_view(g.grades));
      s.bind(3, std::string_view(id));
      s.bind(4, g.number);
      TRY(s.step());
    }
    return {};
  }

  Result<void> end(const std::string& id, std::string_view state, std::string_view best,
                   std::int64_t ended_ms) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(true));
    TRY_ASSIGN(Statement s, db_->prepare("UPDATE benchmarks SET state = ?, best = ?, ended_ms = ?"
                                         " WHERE id = ? AND state = 'running'"));
    s.bind(0, state);
    s.bind(1, best);
    s.bind(2, ended_ms);
    s.bind(3, std::string_view(id));
    TRY(s.step());
    return {};
  }

  Result<std::vector<BenchmarkEntry>> list(const BenchmarkFilter& filter) override {
    const std::scoped_lock lock(mutex_);
    std::vector<BenchmarkEntry> out;
    TRY(open(false));
    if (!db_) return out;
    TRY_ASSIGN(
        Statement s,
        db_->prepare("SELECT " + std::string(kBenchmark) +
                     ", (SELECT COUNT(*) FROM benchmark_runs r WHERE r.benchmark = b.id)"
                     ", (SELECT COUNT(*) FROM benchmark_runs r WHERE r.benchmark = b.id AND r.error = '')"
                     ", (SELECT COUNT(DISTINCT r.model) FROM benchmark_runs r WHERE r.benchmark = b.id"
                     "   AND r.error = '')"
                     ", (SELECT AVG(r.latency_us) FROM benchmark_runs r WHERE r.benchmark = b.id"
                     "   AND r.error = '' AND r.cache = '')"
                     " FROM benchmarks b WHERE" +
                     std::string(kChosen) + " ORDER BY b.begun_ms DESC, b.id DESC LIMIT ?5"));
    bind_chosen(s, filter);
    s.bind(4, filter.limit);
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) break;
      BenchmarkEntry e{read_benchmark(s, filter.now_ms), {},
                       s.whole(kBenchmarkColumns),       s.whole(kBenchmarkColumns + 1),
                       s.whole(kBenchmarkColumns + 2),   s.real(kBenchmarkColumns + 3)};
      out.push_back(std::move(e));
    }
    for (BenchmarkEntry& e : out) TRY(read_models(e));
    return out;
  }

  Result<std::int64_t> count(const BenchmarkFilter& filter) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return 0;
    TRY_ASSIGN(Statement s, db_->prepare("SELECT COUNT(*) FROM benchmarks b WHERE" + std::string(kChosen)));
    bind_chosen(s, filter);
    TRY_ASSIGN(const bool row, s.step());
    return row ? s.whole(0) : 0;
  }

  Result<std::optional<Benchmark>> find(const std::string& id, const std::optional<std::string>& owner,
                                        std::int64_t now_ms) override {
    const std::scoped_lock lock(mutex_);
    TRY(open(false));
    if (!db_) return std::nullopt;
    TRY_ASSIGN(Statement s, db_->prepare("SELECT " + std::string(kBenchmark) +
                                         " FROM benchmarks b WHERE b.id = ?1 AND (?2 = 0 OR b.owner = ?3)"));
    s.bind(0, std::string_view(id));
    s.bind(1, std::int64_t{owner.has_value()});
    s.bind(2, owner ? std::string_view(*owner) : std::string_view());
    TRY_ASSIGN(const bool row, s.step());
    if (!row) return std::nullopt;
    return read_benchmark(s, now_ms);
  }

  Result<std::vector<BenchmarkRun>> runs_of(const std::string& id) override {
    const std::scoped_lock lock(mutex_);
    std::vector<BenchmarkRun> out;
    TRY(open(false));
    if (!db_) return out;
    TRY_ASSIGN(Statement s, db_->prepare("SELECT " + columns() +
                                         " FROM benchmark_runs r WHERE r.benchmark = ? ORDER BY r.number"));
    s.bind(0, std::string_view(id));
    TRY(collect(s, out));
    return out;
  }

  Result<std::vector<BenchmarkRun>> runs(const BenchmarkFilter& filter) override {
    const std::scoped_lock lock(mutex_);
    std::vector<BenchmarkRun> out;
    TRY(open(false));
    if (!db_) return out;
    std::string marks;
    for (std::size_t i = 0; i < filter.models.size(); ++i) marks += i == 0 ? "?" : ", ?";
    const std::string of_models = filter.models.empty() ? "" : " AND r.model IN (" + marks + ")";
    TRY_ASSIGN(
        Statement s,
        db_->prepare("SELECT " + columns() + ", r.benchmark" +
                     " FROM benchmark_runs r JOIN benchmarks b ON b.id = r.benchmark WHERE" +
                     std::string(kChosen) + of_models + " ORDER BY r.begun_ms DESC, r.number DESC LIMIT ?"));
    bind_chosen(s, filter);
    int at = 4;
    for (const std::string& model : filter.models) s.bind(at++, std::string_view(model));
    s.bind(at, filter.limit);
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) return out;
      BenchmarkRun run = read_run(s);
      run.benchmark = s.text(kRunColumns);
      run.answer.clear();
      out.push_back(std::move(run));
    }
  }

  Result<std::vector<std::string>> ids(const std::string& prefix,
                                       const std::optional<std::string>& owner) override {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> out;
    TRY(open(false));
    if (!db_) return out;
    TRY_ASSIGN(Statement s, db_->prepare("SELECT id FROM benchmarks WHERE (?1 = 0 OR owner = ?2) AND"
                                         " substr(id, 1, length(?3)) = ?3 ORDER BY begun_ms DESC LIMIT ?4"));
    s.bind(0, std::int64_t{owner.has_value()});
    s.bind(1, owner ? std::string_view(*owner) : std::string_view());
    s.bind(2, std::string_view(prefix));
    s.bind(3, limits::kBenchmarkListMax);
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) return out;
      out.push_back(s.text(0));
    }
  }

 private:
  // `make`: also when there is no file yet; without it db_ may stay empty.
  Result<void> open(bool make) {
    if (db_ && db_->file_intact()) return {};
    db_.reset();
    std::error_code ignored;
    if (!make && !std::filesystem::exists(options_.path, ignored)) return {};
    if (make) TRY(make_folders(std::filesystem::path(options_.path).parent_path().string()));
    TRY_ASSIGN(Database db, Database::open(options_.path, Database::Mode::write));
    TRY(db.exec(("PRAGMA busy_timeout = " + std::to_string(options_.wait_ms)).c_str()));
    TRY(db.exec("PRAGMA journal_mode = WAL"));
    TRY(db.exec("PRAGMA synchronous = NORMAL"));
    TRY(migrate(db));
    db_ = std::make_unique<Database>(std::move(db));
    return {};
  }

  Result<void> insert(const Benchmark& b) {
    TRY_ASSIGN(Statement s,
               db_->prepare("INSERT INTO benchmarks (id, owner, state, begun_ms, ended_ms, alive_until_ms,"
                            " config, best) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
    s.bind(0, std::string_view(b.id));
    s.bind(1, std::string_view(b.owner));
    s.bind(2, std::string_view(b.state));
    s.bind(3, b.begun_ms);
    s.bind(4, b.ended_ms);
    s.bind(5, b.alive_until_ms);
    s.bind(6, std::string_view(b.config));
    s.bind(7, std::string_view(b.best));
    TRY(s.step());
    TRY(tidy("owner = ?2", b.owner, options_.of_owner_max));
    return tidy("1", b.owner, options_.all_max);
  }

  // Of those that `which` chooses only the newest stay.
  Result<void> tidy(const std::string& which, const std::string& owner, std::int64_t stay) {
    const std::string old =
        "(SELECT id FROM benchmarks WHERE " + which + " ORDER BY begun_ms DESC, id DESC LIMIT -1 OFFSET ?1)";
    for (const std::string& sql : {"DELETE FROM benchmark_runs WHERE benchmark IN " + old,
                                   "DELETE FROM benchmarks WHERE id IN " + old}) {
      TRY_ASSIGN(Statement s, db_->prepare(sql));
      s.bind(0, stay);
      s.bind(1, std::string_view(owner));  // out of range where the condition has no ?2: left alone
      TRY(s.step());
    }
    return {};
  }

  Result<void> read_models(BenchmarkEntry& e) {
    TRY_ASSIGN(Statement s, db_->prepare("SELECT model FROM benchmark_runs WHERE benchmark = ?"
                                         " GROUP BY model ORDER BY MIN(number)"));
    s.bind(0, std::string_view(e.benchmark.id));
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) return {};
      e.models.push_back(s.text(0));
    }
  }

  static Result<void> collect(Statement& s, std::vector<BenchmarkRun>& out) {
    for (;;) {
      TRY_ASSIGN(const bool row, s.step());
      if (!row) return {};
      out.push_back(read_run(s));
    }
  }

  BenchmarkStoreOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Database> db_;
};

}  // namespace

std::unique_ptr<BenchmarkStore> create_benchmark_store(BenchmarkStoreOptions options) {
  return std::make_unique<SqliteBenchmarks>(std::move(options));
}

}  // namespace pb::store
