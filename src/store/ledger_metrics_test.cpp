#include "store/ledger_metrics.h"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("ledger");

TEST_CASE("state as metrics") {
  const std::string text = pb::store::metrics_text(
      {.written = 3, .journalled = 2, .dropped = 1, .waiting = 7, .database_ok = false});
  for (const char* line :
       {"# TYPE patchbay_ledger_rows_total counter\n", "patchbay_ledger_rows_total{state=\"written\"} 3\n",
        "patchbay_ledger_rows_total{state=\"journalled\"} 2\n",
        "patchbay_ledger_rows_total{state=\"dropped\"} 1\n", "\npatchbay_ledger_waiting_rows 7\n",
        "\npatchbay_ledger_database_up 0\n"})
    CHECK(text.find(line) != std::string::npos);
}

TEST_SUITE_END();
