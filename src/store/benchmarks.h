// Benchmarks of models and their runs, kept in the database of the ledger. Texts of prompts and answers are there only where the
// caller asked for that.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace pb::store {

struct Benchmark {
  std::string id;     // "bm_…"
  std::string owner;  // the key as the ledger names it; "" = nobody's
  // "running", "done", "limited" (an allowance ended it), "cancelled", "interrupted" (its process ended)
  std::string state = "running";
  std::int64_t begun_ms = 0, ended_ms = 0;  // Unix time; 0 = not yet
  std::int64_t alive_until_ms = 0;          // without news until then its process has ended
  std::string config = "{}";                // a JSON object: what was asked for
  std::string best;                         // the model that came out first; "" = none
};

// One question to one model.
struct BenchmarkRun {
  std::string benchmark;              // its id; only where runs of several are read
  std::int64_t number = 0;            // within the benchmark
  std::string model;                  // as it was asked for
  std::string provider, answered_by;  // who answered
  std::int64_t prompt = 0;            // which of the benchmark's, from 0
  std::string category;               // of the prompt; "" = none
  std::int64_t run = 0;               // of that prompt with that model, from 0
  std::int64_t begun_ms = 0;
  std::string error;                                 // code; "" = it succeeded
  std::string message;                               // of the error
  std::string cache;                                 // what answered instead of the provider; "" = nothing
  std::string finish;                                // why the answer ended
  std::int64_t latency_us = 0, first_token_us = -1;  // -1 = not known
  std::int64_t input = 0, output = 0;                // tokens
  bool usage_known = false;
  double cost = 0;  // US dollars
  bool cost_known = false;
  std::int64_t chars = 0;  // of the answer, as bytes
  bool has_code = false;
  double quality = -1;     // 0 to 1; -1 = not known
  std::string quality_by;  // "judge", "heuristic"
  std::string grades;      // a JSON object: what `quality` was made of
  std::string answer;      // "" = not kept
};

struct BenchmarkGrade {
  std::int64_t number = 0;  // of the run
  double quality = -1;
  std::string quality_by, grades;
};

// A benchmark and what its runs sum up to.
struct BenchmarkEntry {
  Benchmark benchmark;
  std::vector<std::string> models;
  std::int64_t runs = 0, succeeded = 0, models_succeeded = 0;
  double latency_us_avg = 0;  // of the runs that succeeded
};

struct BenchmarkFilter {
  std::optional<std::string> owner = {};  // nullopt = everybody's
  std::int64_t from_ms = 0;
  std::string model_part = {};           // benchmarks with a model whose name contains it; "" = all
  std::vector<std::string> models = {};  // runs of these; none = of all
  std::int64_t limit = 10;
  std::int64_t now_ms = 0;  // to tell which have been interrupted
};

struct BenchmarkStoreOptions {
  std::string path = {};
  std::int64_t of_owner_max = 0, all_max = 0;  // 0 = base/limits_benchmark.h
  int wait_ms = 5000;                          // for other connections' locks
};

// Any thread, any number of processes; calls wait for the disk, so event loops do not make them. Reading makes no file.
class BenchmarkStore {
 public:
  virtual ~BenchmarkStore() = default;
  // Makes the file (0600) where there is none; the oldest go where there are too many.
  virtual Result<void> begin(const Benchmark& benchmark) = 0;
  virtual Result<void> add(const std::string& id, const BenchmarkRun& run, std::int64_t alive_until_ms) = 0;
  virtual Result<void> grade(const std::string& id, std::span<const BenchmarkGrade> grades) = 0;
  // Only one that is running; what ended once stays as it ended.
  virtual Result<void> end(const std::string& id, std::string_view state, std::string_view best,
                           std::int64_t ended_ms) = 0;
  virtual Result<std::vector<BenchmarkEntry>> list(const BenchmarkFilter& filter) = 0;  // newest first
  virtual Result<std::int64_t> count(const BenchmarkFilter& filter) = 0;
  // nullopt when there is none of that id, or it is another's. `owner`: nullopt = whosever it is.
  virtual Result<std::optional<Benchmark>> find(const std::string& id,
                                                const std::optional<std::string>& owner,
                                                std::int64_t now_ms) = 0;
  virtual Result<std::vector<BenchmarkRun>> runs_of(const std::string& id) = 0;  // by number
  // The newest runs of several benchmarks, without texts.
  virtual Result<std::vector<BenchmarkRun>> runs(const BenchmarkFilter& filter) = 0;
  // Ids that begin with `prefix`, newest first.
  virtual Result<std::vector<std::string>> ids(const std::string& prefix,
                                               const std::optional<std::string>& owner) = 0;
};

std::unique_ptr<BenchmarkStore> create_benchmark_store(BenchmarkStoreOptions options);

}  // namespace pb::store
