#include "tools/panel/field.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/utf8.h"
#include "gateway/listed_models.h"
#include "gateway/route.h"
#include "route/needs.h"
#include "route/ratings.h"

namespace pb::tools::panel {
namespace {

bool among(json::Value list, std::string_view name) {
  return std::ranges::any_of(list.items(), [&](json::Value v) { return v.as_string() == name; });
}

}  // namespace

void Field::add(const gateway::Snapshot& snapshot, std::string_view name, std::int64_t context) {
  const auto way = gateway::choose(snapshot, name, *llm::find_dialect("openai_chat"));
  if (!way) return;
  const config::Provider& provider = *way->upstream->provider;
  for (const Candidate& c : candidates_)
    if (!named_ && c.provider == provider.name && c.model == way->model) return;  // under another name
  candidates_.push_back({std::string(name), provider.name, way->model});
  route::Deployment& d = deployments_.emplace_back();
  d.provider = static_cast<std::size_t>(way->upstream - snapshot.upstreams().data());
  d.model = way->model;
  route::Slot slot;
  slot.deployment = &d;
  slot.live = snapshot.board().find(provider.name + "/" + way->model);
  const bool asked = slot.live != nullptr;
  if (!asked) slot.live = unknown_.get();
  slot.price = gateway::price_of(snapshot.config(), provider, way->model);
  slot.context = context;
  slot.can = route::can_of(way->model);
  const bool listed = std::ranges::find(provider.models, way->model) != provider.models.end();
  const bool configured =
      std::ranges::any_of(snapshot.config().models, [&](const config::Model& m) { return m.name == name; });
  obscure_.push_back(!asked && !slot.price && !listed && !configured &&
                     route::rating(way->model, route::Kind::chat) < 0);
  slots_.push_back(slot);
}

Task<Result<Field>> Field::make(const Deps& deps, const mcp::Context& context, json::Value models,
                                json::Value exclude) {
  Field field;
  field.named_ = models.size() != 0;
  field.unknown_ = std::make_unique<route::Live>("unknown");
  if (!field.named_) co_await gateway::freshen(deps.gateway.model_lists(), deps.gateway.snapshot_in_use());
  field.snapshot_ = deps.gateway.snapshot_in_use();
  const gateway::Snapshot& snapshot = *field.snapshot_;
  const gateway::Caller& caller = caller_of(context.principal());
  if (!field.named_) {
    for (const gateway::ListedModel& m : gateway::list_models(snapshot, deps.gateway.model_lists(), &caller))
      if (!among(exclude, m.id)) field.add(snapshot, m.id, m.context);
    co_return field;
  }
  std::size_t i = 0;
  for (const json::Value v : models.items()) {
    const std::string path = "models[" + std::to_string(i++) + "]";
    const std::string_view name = v.as_string();
    if (among(exclude, name))
      co_return fail(Code::invalid_request, path + " is excluded by `exclude_models`", path);
    const auto known = gateway::find_listed(snapshot, deps.gateway.model_lists(), name, &caller);
    const std::size_t before = field.candidates_.size();
    if (known) field.add(snapshot, name, known->context);
    if (field.candidates_.size() == before)
      co_return fail(Code::not_found,
                     "`" + path + "`: no model `" + std::string(utf8::beginning(name, 200)) +
                         "` is known; list_models tells which there are",
                     path);
  }
  co_return field;
}

Ranking Field::ranked(const Job& job) const { return rank(slots_, job, steady_ms()); }

std::vector<std::size_t> Field::choose(const Job& job, std::size_t most) const {
  std::vector<std::size_t> out;
  if (named_) {
    for (std::size_t i = 0; i < candidates_.size() && i < most; ++i) out.push_back(i);
    return out;
  }
  Ranking ranking = ranked(job);
  for (const bool obscure : {false, true}) {
    std::vector<Identity> who;
    std::vector<std::size_t> slots;
    for (const Ranked& r : ranking.usable)
      if (obscure_[r.slot] == obscure) {
        who.push_back(identity(candidates_[r.slot].provider, candidates_[r.slot].model));
        slots.push_back(r.slot);
      }
    for (const std::size_t at : pick(who, most - out.size())) out.push_back(slots[at]);
  }
  return out;
}

std::vector<route::Weighed> Field::weighed(std::span<const std::size_t> members, const Job& job) const {
  std::vector<route::Slot> slots;
  slots.reserve(members.size());
  for (const std::size_t m : members) slots.push_back(slots_[m]);
  return route::weigh(slots, facts_of(job), task_of(job), steady_ms());
}

}  // namespace pb::tools::panel
