#include "store/ledger_metrics.h"

#include "base/metrics.h"

namespace pb::store {
namespace {

constexpr metrics::Family kRows{"patchbay_ledger_rows_total", "Usage rows by where they went.",
                                metrics::Type::counter};
constexpr metrics::Family kWaiting{"patchbay_ledger_waiting_rows",
                                   "Usage rows that the database does not have yet, by where they wait.",
                                   metrics::Type::gauge};
constexpr metrics::Family kUp{"patchbay_ledger_database_up", "1 while the usage database can be written.",
                              metrics::Type::gauge};
constexpr metrics::Family kJournalUp{"patchbay_ledger_journal_up", "1 while the usage journal takes rows.",
                                     metrics::Type::gauge};

}  // namespace

std::string metrics_text(const LedgerStats& stats) {
  metrics::Registry registry;
  metrics::Shard& shard = registry.add_shard();
  shard.number(kRows, R"(state="written")").set(static_cast<double>(stats.written));
  shard.number(kRows, R"(state="interrupted")").set(static_cast<double>(stats.interrupted));
  shard.number(kRows, R"(state="dropped")").set(static_cast<double>(stats.dropped));
  shard.number(kWaiting, R"(where="journal")").set(static_cast<double>(stats.waiting - stats.in_memory));
  shard.number(kWaiting, R"(where="memory")").set(static_cast<double>(stats.in_memory));
  shard.number(kUp, "").set(stats.database_ok ? 1 : 0);
  shard.number(kJournalUp, "").set(stats.journal_ok ? 1 : 0);
  return registry.text();
}

}  // namespace pb::store
