// Tools that put one matter to several models: docs/panel.md.
#pragma once
#include "tools/tools.h"

namespace pb::tools {

void add_panel_tools(const Deps& deps, mcp::Offer& offer);

namespace panel {

// One file each.
mcp::Tool collective_chat_completion(const Deps& deps);
mcp::Tool ensemble_reasoning(const Deps& deps);
mcp::Tool adaptive_model_selection(const Deps& deps);
mcp::Tool cross_model_validation(const Deps& deps);
mcp::Tool collaborative_problem_solving(const Deps& deps);

}  // namespace panel
}  // namespace pb::tools
