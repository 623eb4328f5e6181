#include "gateway/snapshot.h"

#include <algorithm>
#include <functional>

#include "route/needs.h"

namespace pb::gateway {
namespace {

void set_auth(Upstream& u) {
  const config::Provider& p = *u.provider;
  if (p.api_key.empty()) return;
  switch (p.auth) {
    case llm::Auth::bearer:
      u.auth_header = "Authorization";
      u.auth_value = Secret("Bearer " + p.api_key.reveal());
      break;
    case llm::Auth::x_api_key:
      u.auth_header = "x-api-key";
      u.auth_value = p.api_key;
      break;
    case llm::Auth::x_goog_api_key:
      u.auth_header = "x-goog-api-key";
      u.auth_value = p.api_key;
      break;
    case llm::Auth::api_key:
      u.auth_header = "api-key";
      u.auth_value = p.api_key;
      break;
    case llm::Auth::none:
      break;
  }
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> Snapshot::make(config::Config config,
                                                       std::shared_ptr<route::Board> board) {
  auto s = std::make_shared<Snapshot>();
  s->board_ = board ? std::move(board) : std::make_shared<route::Board>();
  s->config_ = std::move(config);
  for (const config::Provider& p : s->config_.providers) {
    Upstream u;
    u.provider = &p;
    TRY_ASSIGN(net::Url url, net::parse_url(p.base_url));
    u.origin =
        net::make_origin(std::move(url), p.tls_verify, p.ca_file, p.connections_max, p.timeouts.connect_ms);
    u.timeouts = {p.timeouts.first_byte_ms, p.timeouts.idle_ms, p.timeouts.total_ms};
    set_auth(u);
    s->by_name_.emplace(p.name, s->upstreams_.size());
    s->upstreams_.push_back(std::move(u));
  }
  for (const config::Model& m : s->config_.models) {
    Named to{Target{m.provider, m.model}};
    if (m.thinking) to.thinking = Target{m.thinking->provider, m.thinking->model};
    s->add_name(m.name, std::move(to));
  }
  s->add_pools();
  for (std::size_t i = 0; i < s->upstreams_.size(); ++i)
    for (const std::string& model : s->upstreams_[i].provider->models)
      s->names_.emplace(model, Named{Target{i, model}});
  // Keys are unique, so prefixes are.
  std::ranges::sort(s->patterns_, std::ranges::greater{}, [](const Pattern& p) { return p.prefix.size(); });
  return std::shared_ptr<const Snapshot>(std::move(s));
}

void Snapshot::add_name(std::string_view name, Named to) {
  if (name.ends_with('*'))
    patterns_.push_back({std::string(name.substr(0, name.size() - 1)), std::move(to)});
  else
    names_.insert_or_assign(std::string(name), std::move(to));
}

void Snapshot::add_pools() {
  pools_.reserve(config_.routes.size());  // names_ points into it
  for (const route::Route& r : config_.routes) {
    Pool& pool = pools_.emplace_back();
    pool.route = &r;
    for (const route::Deployment& d : r.deployments) {
      const config::Provider& p = config_.providers[d.provider];
      route::Slot slot;
      slot.deployment = &d;
      slot.live = &board_->of(p.name + "/" + d.model);
      slot.price = price_of(config_, p, d.model);
      if (const llm::CatalogModel* known = llm::find_model(p.vendor->name, d.model))
        slot.context = known->context;
      slot.can = route::can_of(d.model);
      slot.live->limiter->set({.rates = d.limits, .budget = {}});
      pool.limited = pool.limited || !d.limits.empty();
      pool.slots.push_back(std::move(slot));
    }
    const auto differs = [&](const route::Slot& s) {
      return s.can != pool.slots[0].can || s.context != pool.slots[0].context;
    };
    pool.wants_needs =
        route::wants_needs(r) || !r.fallbacks.empty() || std::ranges::any_of(pool.slots, differs);
    add_name(r.name, Named{.use = {r.deployments[0].provider, r.deployments[0].model}, .pool = &pool});
  }
}

std::optional<llm::ModelPrice> price_of(const config::Config& config, const config::Provider& provider,
                                        std::string_view model) {
  auto it = config.prices.find(provider.name + "/" + std::string(model));
  if (it == config.prices.end()) it = config.prices.find(std::string(model));
  if (it != config.prices.end()) {
    const config::Price& p = it->second;
    return llm::ModelPrice{p.input, p.output, p.cache_read, p.cache_write, p.cache_write_1h, p.reasoning};
  }
  if (const auto* known = llm::find_model(provider.vendor->name, model)) return known->price;
  return std::nullopt;
}

const Upstream* Snapshot::find_upstream(std::string_view name) const {
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &upstreams_[it->second];
}

}  // namespace pb::gateway
