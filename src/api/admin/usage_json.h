// Sums of the ledger as JSON: the same from `patchbay usage --json` and from the admin API.
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "store/ledger.h"

namespace pb::api::admin {

// The sums of `rows`; latency percentiles cannot be added up and are taken from `all`, which is one row over everything, or empty.
store::UsageSum total_of(const std::vector<store::UsageSum>& rows, const std::vector<store::UsageSum>& all);

// "by", "rows" and "total", into an object that is open in `w`; numbers as in store::UsageSum, "first_token_us_avg" null when there
// was none.
void write_usage_members(json::Writer& w, const std::vector<std::string>& by,
                         const std::vector<store::UsageSum>& rows, const store::UsageSum& total);

}  // namespace pb::api::admin
