// What `patchbay usage` prints, without reading files or clocks: times from words, the table, the JSON.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/ledger.h"

namespace pb::cli {

// Unix time in ms of "90m", "12h", "7d", "2w" (that long before `now_ms`) or of a date "2026-11-20" in local time: its
// first moment, or with `end` the first moment of the next day, so that `--until` includes its day. 0 for "".
Result<std::int64_t> parse_when(std::string_view text, std::int64_t now_ms, bool end);

// The sums of `rows`; latency percentiles cannot be added up and are taken from `all`, which is one row over
// everything, or empty.
store::UsageSum total_of(const std::vector<store::UsageSum>& rows, const std::vector<store::UsageSum>& all);

// Columns aligned, the last line the totals. Names from clients cannot steer the terminal.
std::string usage_table(const std::vector<std::string>& by, const std::vector<store::UsageSum>& rows,
                        const store::UsageSum& total);
// {"database", "by", "rows": [{"day", "provider", …, "requests", …}], "total": {…}}; numbers as in store::UsageSum,
// "first_token_us_avg" null when there was none.
std::string usage_json(const std::string& database, const std::vector<std::string>& by,
                       const std::vector<store::UsageSum>& rows, const store::UsageSum& total);

}  // namespace pb::cli
