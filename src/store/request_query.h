// Single rows of the ledger, for people who look at what has just happened.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/ledger.h"
#include "store/row.h"

namespace pb::store {

// The newest rows that match, newest first: at most `most`, all with ids below `before` (0 = from the newest on). None when there is no
// database yet. May be called while a ledger writes; takes ten seconds at most. Errors: timeout, internal.
Result<std::vector<NumberedRow>> read_requests(const std::string& path, const UsageFilter& filter,
                                               std::int64_t before, int most);
// By the row's own id, or by the id that the client got with its answer. Error{not_found}.
Result<NumberedRow> read_request(const std::string& path, std::string_view id);

}  // namespace pb::store
