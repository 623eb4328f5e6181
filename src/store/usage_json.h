// Sums of the ledger as JSON: the same from `patchbay usage --json`, from the admin API and to MCP clients.
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "store/ledger.h"

namespace pb::store {

// The sums of `rows`; latency percentiles cannot be added up and are taken from `all`, which is one row over everything, or empty.
UsageSum total_of(const std::vector<UsageSum>& rows, const std::vector<UsageSum>& all);

// "by", "rows" and "total", into an object that is open in `w`; numbers as in UsageSum, "first_token_us_avg" null when there
// was none.
void write_usage_members(json::Writer& w, const std::vector<std::string>& by,
                         const std::vector<UsageSum>& rows, const UsageSum& total);

}  // namespace pb::store
