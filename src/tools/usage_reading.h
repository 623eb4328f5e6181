// What the ledger knows, for tools and resources.
#pragma once
#include <string>
#include <vector>

#include "store/ledger.h"
#include "tools/tools.h"

namespace pb::tools {

// As store::read_usage, off the event loop; what has just ended is among it. Nothing where there is no row yet. Error: no ledger is kept; its
// file cannot be read.
Task<Result<std::vector<store::UsageSum>>> read_ledger(const Deps& deps, store::UsageFilter filter,
                                                       std::vector<std::string> by);

// A virtual key sees its own rows only: narrows the filter to them. Error: it asks for another key's.
Result<void> own_rows_only(const mcp::Context& context, store::UsageFilter& filter);

}  // namespace pb::tools
