#include "gateway/snapshot.h"

#include <algorithm>
#include <functional>

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

Result<std::shared_ptr<const Snapshot>> Snapshot::make(config::Config config) {
  auto s = std::make_shared<Snapshot>();
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
  for (const config::Model& m : s->config_.models) s->add_name(m);
  for (std::size_t i = 0; i < s->upstreams_.size(); ++i)
    for (const std::string& model : s->upstreams_[i].provider->models)
      s->names_.emplace(model, Named{Target{i, model}, std::nullopt});
  // Keys are unique, so prefixes are.
  std::ranges::sort(s->patterns_, std::ranges::greater{}, [](const Pattern& p) { return p.prefix.size(); });
  return std::shared_ptr<const Snapshot>(std::move(s));
}

void Snapshot::add_name(const config::Model& m) {
  Named to{Target{m.provider, m.model}, std::nullopt};
  if (m.thinking) to.thinking = Target{m.thinking->provider, m.thinking->model};
  if (m.name.ends_with('*'))
    patterns_.push_back({m.name.substr(0, m.name.size() - 1), std::move(to)});
  else
    names_.insert_or_assign(m.name, std::move(to));
}

const Upstream* Snapshot::find_upstream(std::string_view name) const {
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &upstreams_[it->second];
}

}  // namespace pb::gateway
