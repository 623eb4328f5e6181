#include "gateway/listed_models.h"

#include <set>

#include "gateway/admission.h"
#include "gateway/route.h"
#include "llm/prices.h"

namespace pb::gateway {
namespace {

ListedModel listed(const Upstream& upstream, std::string id, std::string_view model) {
  ListedModel m;
  m.id = std::move(id);
  m.owner = upstream.provider->name;
  if (const auto* known = llm::find_model(upstream.provider->vendor->name, model)) {
    m.context = known->context;
    m.output_max = known->output_max;
  }
  return m;
}

bool visible(const ListedModel& m, const Caller* caller) {
  return caller == nullptr || may_see(*caller, m.id, m.owner);
}

}  // namespace

std::vector<ListedModel> list_models(const Snapshot& s, const ModelLists* lists, const Caller* caller) {
  std::vector<ListedModel> out;
  std::set<std::string, std::less<>> seen;
  auto add = [&](ListedModel m) {
    if (visible(m, caller) && seen.insert(m.id).second) out.push_back(std::move(m));
  };
  for (const config::Model& m : s.config().models)
    if (!m.name.ends_with('*')) add(listed(s.upstreams()[m.provider], m.name, m.model));
  for (const Upstream& u : s.upstreams()) {
    for (const std::string& model : u.provider->models) add(listed(u, u.provider->name + "/" + model, model));
    const auto told = lists != nullptr ? lists->of(*u.provider) : nullptr;
    for (const ToldModel& t : told != nullptr ? told->models : std::vector<ToldModel>()) {
      ListedModel m = listed(u, u.provider->name + "/" + t.id, t.id);
      if (t.context != 0) m.context = t.context;
      if (t.output_max != 0) m.output_max = t.output_max;
      add(std::move(m));
    }
    for (const llm::CatalogModel& known : llm::catalog())
      if (known.vendor == u.provider->vendor->name)
        add(listed(u, u.provider->name + "/" + std::string(known.id), known.id));
  }
  return out;
}

std::optional<ListedModel> find_listed(const Snapshot& s, const ModelLists* lists, std::string_view id,
                                       const Caller* caller) {
  for (ListedModel& m : list_models(s, lists, caller))
    if (m.id == id) return std::move(m);
  const auto* dialects = llm::dialects().front();
  auto route = choose(s, id, *dialects);
  if (!route) return std::nullopt;
  ListedModel m = listed(*route->upstream, std::string(id), route->model);
  if (!visible(m, caller)) return std::nullopt;
  return m;
}

}  // namespace pb::gateway
