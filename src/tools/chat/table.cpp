#include "tools/chat/chat_tools.h"

namespace pb::tools {

void add_chat_tools(const Deps& deps, mcp::Offer& offer) {
  using Make = mcp::Tool (*)(const Deps&);
  for (const Make make :
       {Make{chat}, Make{generate}, Make{proxy_completion}, Make{chat_with_vision}, Make{free_chat},
        Make{list_free_models}, Make{get_free_model_metrics}, Make{list_vision_models}, Make{search_models},
        Make{get_usage_stats}, Make{get_config}})
    offer.tools.push_back(make(deps));
}

}  // namespace pb::tools
