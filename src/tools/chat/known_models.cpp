#include "tools/chat/known_models.h"

#include "base/strings.h"
#include "gateway/listed_models.h"
#include "gateway/route.h"
#include "llm/abilities.h"
#include "route/needs.h"
#include "route/ratings.h"

namespace pb::tools {

Task<std::vector<KnownModel>> known_models(const Deps& deps, const mcp::Context& context) {
  co_await gateway::freshen(deps.gateway.model_lists(), deps.gateway.snapshot_in_use());
  const gateway::Snapshot& s = deps.gateway.snapshot();
  std::vector<KnownModel> out;
  for (gateway::ListedModel& listed :
       gateway::list_models(s, deps.gateway.model_lists(), &caller_of(context.principal()))) {
    const auto route = gateway::choose(s, listed.id, *llm::dialects().front());
    if (!route) continue;
    const config::Provider& provider = *route->upstream->provider;
    KnownModel m;
    m.name = std::move(listed.id);
    m.provider = provider.name;
    m.vendor = provider.vendor->name;
    m.model = route->model;
    m.context = listed.context;
    m.output_max = listed.output_max;
    m.price = gateway::price_of(s.config(), provider, m.model);
    const llm::Abilities can = llm::abilities_of(m.model);
    m.vision = can.vision;
    m.thinking = can.thinking;
    m.tools = (route::can_of(m.model) & route::kTools) != 0;
    m.local = provider.vendor->local;
    m.quality = route::rating(m.model, route::Kind::chat);
    out.push_back(std::move(m));
  }
  co_return out;
}

bool is_free(const KnownModel& m) {
  if (m.price) return m.price->input == 0 && m.price->output == 0;
  return m.local || m.model.ends_with(":free");
}

void write_model(json::Writer& w, const KnownModel& m) {
  w.field("name", m.name);
  w.field("provider", m.provider);
  w.field("vendor", m.vendor);
  if (m.context != 0) w.field("context_length", m.context);
  if (m.output_max != 0) w.field("max_output_tokens", m.output_max);
  if (m.price) {
    w.key("price");
    w.begin_object();
    w.field("input", m.price->input);
    w.field("output", m.price->output);
    w.end_object();
  }
  w.field("free", is_free(m));
  w.field("vision", m.vision);
  w.field("reasoning", m.thinking);
  if (m.quality >= 0) w.field("quality_score", m.quality);
}

bool contains_word(std::string_view name, std::string_view part) { return lower(name).contains(lower(part)); }

}  // namespace pb::tools
