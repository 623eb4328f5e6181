#include "tools/panel/panel_tools.h"

#include "tools/tool.h"

namespace pb::tools {

void add_panel_tools(const Deps& deps, mcp::Offer& offer) {
  add_tools(deps,
            {panel::collective_chat_completion, panel::ensemble_reasoning, panel::adaptive_model_selection,
             panel::cross_model_validation, panel::collaborative_problem_solving},
            offer);
}

}  // namespace pb::tools
