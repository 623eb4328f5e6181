#include "tools/tools.h"

#include "gateway/admission.h"
#include "gateway/listed_models.h"
#include "tools/benchmark/benchmark_tools.h"
#include "tools/chat/chat_tools.h"
#include "tools/configure/configure_tools.h"
#include "tools/conversations/tools.h"
#include "tools/panel/panel_tools.h"
#include "tools/tool.h"

namespace pb::tools {
namespace {

void add_conversations(const Deps& deps, mcp::Offer& offer) {
  if (deps.conversations == nullptr) return;
  add_tools(deps, {save_conversation, list_conversations, get_conversation, delete_conversation}, offer);
  add_conversation_resources(deps, offer);
}

}  // namespace

const gateway::Caller& caller_of(const mcp::Principal& principal) {
  static const gateway::Caller kEverybody;
  const auto* held = static_cast<const gateway::Caller*>(principal.held.get());
  return held != nullptr ? *held : kEverybody;
}

bool sees_all(const mcp::Principal& principal) {
  return caller_of(principal).key == nullptr && principal.grant == nullptr;
}

VisibleProviders::VisibleProviders(const Deps& deps, const mcp::Context& context) {
  const gateway::Caller& caller = caller_of(context.principal());
  all_ = caller.key == nullptr || !caller.key->restricted();
  if (all_) return;
  for (gateway::ListedModel& m :
       gateway::list_models(deps.gateway.snapshot(), deps.gateway.model_lists(), &caller))
    names_.insert(std::move(m.owner));
}

bool VisibleProviders::has(std::string_view provider) const { return all_ || names_.contains(provider); }

mcp::Offer make_offer(const Deps& deps) {
  mcp::Offer offer;
  offer.name = "patchbay";
  offer.title = "Patchbay";
  offer.version = PATCHBAY_VERSION;
  offer.description = "A gateway between AI clients and models";
  offer.instructions =
      "Patchbay reaches the models of several providers. list_models tells which there are, health_check "
      "which "
      "providers answer. save_conversation keeps a conversation, list_conversations finds it again.";
  add_tools(deps, {health_check, list_models, get_model_info}, offer);
  add_chat_tools(deps, offer);
  add_panel_tools(deps, offer);
  add_resources(deps, offer);
  add_live_resources(deps, offer);
  add_conversations(deps, offer);
  add_prompts(deps, offer);
  offer.complete = completions(deps);
  offer.meter = deps.meter;
  add_benchmark_tools(deps, offer);
  add_configure_tools(deps, offer);
  offer.may_use = [deps](const mcp::Principal& principal, const mcp::Tool& tool) {
    return gateway::may_use_tool(caller_of(principal), tool.name) &&
           (!configures(tool.name) || may_configure(deps, principal));
  };
  offer.cache = {60'000, false};
  mcp::settle(offer);
  return offer;
}

}  // namespace pb::tools
