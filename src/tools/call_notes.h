// Lines for the log of a client (MCP "Logging") about what has become of a tool's questions to models.
#pragma once
#include "base/error.h"
#include "mcp/offer.h"
#include "tools/model_call.h"

namespace pb::tools {

// An answer: notice where another provider gave it than the one that was asked for by name; info where no provider was asked,
// because the answer was kept; else debug.
void note_answer(mcp::Context& context, const gateway::Snapshot& snapshot, const ModelQuestion& question,
                 const ModelAnswer& answer);
// None: warning. Where the allowance of the call or a limit of the key is used up, it says so.
void note_failure(mcp::Context& context, const ModelQuestion& question, const Error& error);

}  // namespace pb::tools
