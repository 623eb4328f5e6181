// The tools and the resource of conversations, one file each.
#pragma once
#include "tools/tools.h"

namespace pb::tools {

mcp::Tool save_conversation(const Deps& deps);
mcp::Tool list_conversations(const Deps& deps);
mcp::Tool get_conversation(const Deps& deps);
mcp::Tool delete_conversation(const Deps& deps);
// conversation://{id}, and the list of the caller's.
void add_conversation_resources(const Deps& deps, mcp::Offer& offer);

}  // namespace pb::tools
