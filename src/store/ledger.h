// The ledger: one row per request. A row is in the journal (journal.h), and so survives the death of this process at any
// moment, when add() returns; a thread of its own settles the journal into the database in batches.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace pb::store {

struct UsageRow {
  std::int64_t time_ms = 0;  // Unix time of the request's start
  std::string request_id;
  std::string client_format;  // "openai_chat"
  std::string provider;
  std::string model;        // as the provider was asked
  std::string asked_model;  // as the client asked
  std::string route;        // the route that it was led to; "" = none
  std::string key;          // the client key's name or masked form; "" = none
  std::string team;         // the key's; "" = none
  int status = 0;           // HTTP status sent to the client; 499 = it went away
  std::string error;        // code of the error, "" = none
  bool stream = false;
  std::int64_t input = 0, output = 0, cache_read = 0, cache_write = 0, reasoning = 0;
  bool usage_known = false;
  bool usage_estimated = false;  // the provider left it out: counted here
  double cost = 0;               // US dollars
  bool cost_known = false;
  std::int64_t latency_us = 0;
  std::int64_t first_token_us = -1;  // -1 = not a stream, or none came
  std::string
      cache;  // what answered instead of a provider: "hit", "shared" (an equal request under way), "semantic"; "" = none
  double saved = 0;  // US dollars that the answer would have cost; such a row has neither tokens nor a cost
};

// The error of a request that was under way when its process was killed.
inline constexpr std::string_view kInterrupted = "interrupted";

// A request under way that the ledger knows of.
struct OpenRow {
  std::int64_t id = 0;  // 0 = it does not
  int place = -1;       // in the journal; -1 = none
  std::atomic<std::uint64_t>* pieces = nullptr;
  // So many pieces of the answer have come. A store into memory that survives the process.
  void tell(std::uint64_t n) const {
    if (pieces != nullptr) pieces->store(n, std::memory_order_relaxed);
  }
};

struct LedgerStats {
  std::uint64_t written = 0;      // rows new in the database, those of earlier processes included
  std::uint64_t interrupted = 0;  // of them, requests that were under way when their process was killed
  std::uint64_t waiting = 0;      // rows that the database does not have yet, in the journal or in memory
  std::uint64_t in_memory =
      0;  // of them, those that the journal had no room for: lost if the process is killed
  std::uint64_t dropped = 0;  // rows lost, because queue_max rows were in memory already
  bool database_ok = true;
  bool journal_ok = true;
  bool caught_up = false;  // what earlier processes left in the journal is in the database
};

// Any thread; never waits for the database.
class Ledger {
 public:
  virtual ~Ledger() = default;
  // A request is about to cost something. If this process is killed, it gets the row with status 500 and the error
  // "interrupted": the row's tokens and cost, and for each piece that was told another token of output at `piece_price` dollars.
  virtual OpenRow open(const UsageRow& row, double piece_price) = 0;
  // What is known of it now. A row with a status is taken as it stands.
  virtual void change(const OpenRow& open, const UsageRow& row, double piece_price) = 0;
  // The request's row, for good. `open`: what open() gave for it, if it did.
  virtual void add(const UsageRow& row, const OpenRow& open = {}) = 0;
  // Waits until everything added before is in the database, or the journal has it and the database does not work. Takes
  // about two seconds at most when the database does not answer.
  virtual void flush() = 0;
  virtual LedgerStats stats() const = 0;
};

struct LedgerOptions {
  std::string path = {};     // SQLite file; its directory is made when missing
  std::string journal = {};  // folder of the journal; "" = journal_of(path)
  int flush_ms = 200;
  std::size_t queue_max =
      limits::kLedgerQueueMax;  // rows in memory, while neither journal nor database take any
  std::size_t segment_bytes = limits::kLedgerSegmentBytes;
  std::size_t journal_bytes_max = limits::kLedgerJournalBytesMax;
};
// Never fails: a database that cannot be opened is retried, rows wait in the journal meanwhile.
std::unique_ptr<Ledger> create_ledger(LedgerOptions options);
// The folder of a database's journal.
std::string journal_of(const std::string& path);

// For `patchbay usage`.
struct UsageFilter {
  std::int64_t from_ms = 0, to_ms = 0;                                     // 0 = open
  std::string provider = {}, model = {}, key = {}, team = {}, route = {};  // "" = all
  int status_from = 0, status_to = 999;                                    // both included
};
// Takes "429", "4xx" or "errors" (400 and above); "" = all. Error{invalid_request}.
Result<void> filter_status(std::string_view text, UsageFilter& filter);
struct UsageSum {
  std::string group;  // values of the group-by columns, joined by " / "
  std::string day, provider, model, key, team, route, status;
  std::int64_t estimated = 0;  // requests whose tokens are our own count
  std::int64_t requests = 0, errors = 0, input = 0, output = 0, cache_read = 0, cache_write = 0,
               reasoning = 0;
  std::int64_t cached = 0;        // requests answered from the cache
  double saved = 0;               // what these would have cost
  double cost = 0;                // of the requests whose price is known
  std::int64_t cost_unknown = 0;  // requests that should have cost something, but at no known price
  std::int64_t latency_us_avg = 0, latency_us_p50 = 0, latency_us_p99 = 0, first_token_us_avg = -1;
};
// What sums can be grouped by, in the order of columns: "day", "provider", … and where the value stands.
struct UsageGroup {
  std::string_view name;
  std::string UsageSum::* member;
};
std::span<const UsageGroup> usage_groups();

// `by`: any names of usage_groups(). Days are local time. Rows are sorted by
// the columns of `by`; none when nothing matches. Percentiles are nearest-rank. Errors are answers of status >= 400.
// Error{not_found} when there is no database. May be called while a ledger writes.
Result<std::vector<UsageSum>> read_usage(const std::string& path, const UsageFilter& filter,
                                         const std::vector<std::string>& by);

}  // namespace pb::store
