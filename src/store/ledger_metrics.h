// The ledger's state for /metrics. It is one for all cores, so it stands beside the cores' shards.
#pragma once
#include <string>

#include "store/ledger.h"

namespace pb::store {

// Prometheus text: patchbay_ledger_rows_total{state}, patchbay_ledger_waiting_rows{where}, patchbay_ledger_database_up and
// patchbay_ledger_journal_up.
std::string metrics_text(const LedgerStats& stats);

}  // namespace pb::store
