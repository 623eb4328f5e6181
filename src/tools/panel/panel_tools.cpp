#include "tools/panel/panel_tools.h"

namespace pb::tools {

void add_panel_tools(const Deps& deps, mcp::Offer& offer) {
  for (mcp::Tool tool : {panel::collective_chat_completion(deps), panel::ensemble_reasoning(deps),
                         panel::adaptive_model_selection(deps), panel::cross_model_validation(deps),
                         panel::collaborative_problem_solving(deps)})
    offer.tools.push_back(std::move(tool));
}

}  // namespace pb::tools
