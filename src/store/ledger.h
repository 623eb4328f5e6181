// The ledger: one row per request, written off the hot path. add() never blocks on the database; a writer
// thread drains the rows into the store in batches; what cannot be written goes to a journal file and is
// written later.
#pragma once
#include <cstdint>
#include <memory>
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

struct LedgerStats {
  std::uint64_t written = 0;     // rows new in the database, replayed ones included
  std::uint64_t journalled = 0;  // rows put into the journal
  std::uint64_t dropped = 0;     // rows lost, because 2 x queue_max were waiting and neither place took any
  std::uint64_t waiting = 0;     // rows in memory
  bool database_ok = true;
  bool caught_up = false;  // what earlier processes left in the journal is in the database
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  virtual void add(UsageRow row) = 0;  // any thread; never waits for the database
  // Waits until everything added before is in the database or the journal, or was refused by both (then it stays
  // in memory and is tried again). Takes about two seconds at most when the database does not answer.
  virtual void flush() = 0;
  virtual LedgerStats stats() const = 0;
};

struct LedgerOptions {
  std::string path = {};  // SQLite file; its directory is made when missing
  std::string journal_path =
      {};  // where rows wait while the database cannot be written; "" = path + ".journal"
  int flush_ms = 200;
  std::size_t queue_max = limits::kLedgerQueueMax;  // as many waiting rows send all of them to the journal
};
// Never fails: a database that cannot be opened is retried, rows go to the journal meanwhile.
std::unique_ptr<Ledger> create_ledger(LedgerOptions options);

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
// `by`: any of "day", "provider", "model", "key", "team", "route", "status", in that order of columns. Days are local time. Rows are sorted by
// the columns of `by`; none when nothing matches. Percentiles are nearest-rank. Errors are answers of status >= 400.
// Error{not_found} when there is no database. May be called while a ledger writes.
Result<std::vector<UsageSum>> read_usage(const std::string& path, const UsageFilter& filter,
                                         const std::vector<std::string>& by);

}  // namespace pb::store
