#include "store/ledger_metrics.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("ledger");

TEST_CASE("state as metrics") {
  const std::string text = pb::store::metrics_text(
      {.written = 3, .interrupted = 2, .waiting = 7, .in_memory = 4, .dropped = 1, .database_ok = false});
  for (const char* line :
       {"# TYPE patchbay_ledger_rows_total counter\n", "patchbay_ledger_rows_total{state=\"written\"} 3\n",
        "patchbay_ledger_rows_total{state=\"interrupted\"} 2\n",
        "patchbay_ledger_rows_total{state=\"dropped\"} 1\n",
        "\npatchbay_ledger_waiting_rows{where=\"journal\"} 3\n",
        "\npatchbay_ledger_waiting_rows{where=\"memory\"} 4\n", "\npatchbay_ledger_journal_up 1\n",
        "\npatchbay_ledger_database_up 0\n"})
    CHECK(text.find(line) != std::string::npos);
}

TEST_SUITE_END();
