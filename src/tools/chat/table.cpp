#include "tools/chat/chat_tools.h"
#include "tools/tool.h"

namespace pb::tools {

void add_chat_tools(const Deps& deps, mcp::Offer& offer) {
  add_tools(deps,
            {chat, generate, proxy_completion, chat_with_vision, free_chat, list_free_models,
             get_free_model_metrics, list_vision_models, search_models, get_usage_stats, get_config},
            offer);
}

}  // namespace pb::tools
