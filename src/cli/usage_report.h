// What `patchbay usage` prints, without reading files or clocks: the table, the JSON.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/ledger.h"

namespace pb::cli {

// Columns aligned, the last line the totals. Names from clients cannot steer the terminal.
std::string usage_table(const std::vector<std::string>& by, const std::vector<store::UsageSum>& rows,
                        const store::UsageSum& total);
// {"database", "by", "rows": [{"day", "provider", …, "requests", …}], "total": {…}}; numbers as in store::UsageSum,
// "first_token_us_avg" null when there was none.
std::string usage_json(const std::string& database, const std::vector<std::string>& by,
                       const std::vector<store::UsageSum>& rows, const store::UsageSum& total);

}  // namespace pb::cli
