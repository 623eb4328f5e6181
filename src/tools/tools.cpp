#include "tools/tools.h"

#include "gateway/admission.h"
#include "gateway/listed_models.h"
#include "tools/chat/chat_tools.h"

namespace pb::tools {
namespace {

// Names of models for a client that completes one.
Task<mcp::Outcome<std::vector<std::string>>> complete(Deps deps, const mcp::Context& context,
                                                      std::string_view argument, std::string_view value) {
  std::vector<std::string> out;
  const bool providers = argument == "provider";
  if (!providers && argument != "model" && argument != "models") co_return out;
  for (const gateway::Upstream& u : deps.gateway.snapshot().upstreams())
    if (providers && u.provider->name.starts_with(value)) out.push_back(u.provider->name);
  if (providers) co_return out;
  for (gateway::ListedModel& m : gateway::list_models(deps.gateway.snapshot(), deps.gateway.model_lists(),
                                                      &caller_of(context.principal())))
    if (m.id.starts_with(value)) out.push_back(std::move(m.id));
  co_return out;
}

}  // namespace

const gateway::Caller& caller_of(const mcp::Principal& principal) {
  static const gateway::Caller kEverybody;
  const auto* held = static_cast<const gateway::Caller*>(principal.held.get());
  return held != nullptr ? *held : kEverybody;
}

mcp::Offer make_offer(const Deps& deps) {
  mcp::Offer offer;
  offer.name = "patchbay";
  offer.title = "Patchbay";
  offer.version = PATCHBAY_VERSION;
  offer.description = "A gateway between AI clients and models";
  offer.instructions =
      "Patchbay reaches the models of several providers. list_models tells which there are, health_check "
      "which "
      "providers answer.";
  offer.tools = {health_check(deps), list_models(deps), get_model_info(deps)};
  add_chat_tools(deps, offer);
  add_resources(deps, offer);
  add_prompts(deps, offer);
  offer.complete = [deps](mcp::Context& c, mcp::CompletionQuery q) {
    return complete(deps, c, q.argument, q.value);
  };
  offer.may_use = [](const mcp::Principal& principal, const mcp::Tool& tool) {
    return gateway::may_use_tool(caller_of(principal), tool.name);
  };
  offer.cache = {60'000, false};
  mcp::settle(offer);
  return offer;
}

}  // namespace pb::tools
