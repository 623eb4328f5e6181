// Tools that ask one model, and those that tell which models there are and what was used.
#pragma once
#include "tools/tools.h"

namespace pb::tools {

// All of this folder.
void add_chat_tools(const Deps& deps, mcp::Offer& offer);

// One file each.
mcp::Tool chat(const Deps& deps);
mcp::Tool generate(const Deps& deps);
mcp::Tool proxy_completion(const Deps& deps);
mcp::Tool chat_with_vision(const Deps& deps);
mcp::Tool free_chat(const Deps& deps);
mcp::Tool list_free_models(const Deps& deps);
mcp::Tool get_free_model_metrics(const Deps& deps);
mcp::Tool list_vision_models(const Deps& deps);
mcp::Tool search_models(const Deps& deps);
mcp::Tool get_usage_stats(const Deps& deps);
mcp::Tool get_config(const Deps& deps);

}  // namespace pb::tools
