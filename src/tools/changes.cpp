#include "tools/changes.h"

#include <algorithm>
#include <set>

#include "base/limits_mcp.h"

namespace pb::tools {
namespace {

using mcp::Change;

bool usable(const gateway::DeploymentState& d) {
  const std::string_view word = gateway::word_of(d);
  return word == "ready" || word == "limited" || word == "half_open";
}

// What config://providers shows.
std::string shown(const config::Config& c) {
  std::string out;
  for (const config::Provider& p : c.providers) {
    out += p.name + '\n' + std::string(p.vendor != nullptr ? p.vendor->name : "") + '\n' + p.base_url + '\n' +
           (p.api_key.empty() ? "0" : "1");
    for (const config::ProviderFormat& f : p.formats) out.append("\n").append(f.name);
    out += '\0';
  }
  return out;
}

// Names that can be asked for.
std::set<std::string> names(const config::Config& c) {
  std::set<std::string> out;
  for (const config::Provider& p : c.providers) {
    out.insert(p.name + "/");
    for (const std::string& m : p.models) out.insert(p.name + "/" + m);
  }
  for (const config::Model& m : c.models) out.insert("model " + m.name);
  for (const route::Route& r : c.routes) out.insert("route " + r.name);
  return out;
}

}  // namespace

std::string_view provider_health(std::span<const gateway::DeploymentState> all, std::string_view provider) {
  int known = 0, good = 0, bad = 0;
  for (const gateway::DeploymentState& d : all) {
    if (d.provider != provider) continue;
    const bool fine = usable(d);
    if (fine && d.answered == 0 && d.failed == 0 && d.checked_ms == 0) continue;
    ++known;
    ++(fine ? good : bad);
  }
  return known == 0 ? "unknown" : bad == 0 ? "healthy" : good == 0 ? "unhealthy" : "degraded";
}

std::string_view health_of_all(std::span<const std::string_view> providers) {
  const auto of = [&](std::string_view word) { return std::ranges::count(providers, word); };
  const auto bad = of("unhealthy");
  if (of("unknown") == static_cast<std::ptrdiff_t>(providers.size())) return "unknown";
  if (bad == 0 && of("degraded") == 0) return "healthy";
  return bad == static_cast<std::ptrdiff_t>(providers.size()) ? "unhealthy" : "degraded";
}

std::vector<Change> changes_between(const config::Config& before, const config::Config& after) {
  std::vector<Change> out;
  const bool providers = shown(before) != shown(after), models = names(before) != names(after);
  if (providers) out.push_back({Change::What::resource, std::string(kProvidersUri)});
  if (providers) out.push_back({Change::What::resource, std::string(kHealthUri)});
  // Which models there are decides which `model://` resources there are, and what tools and prompts can be asked with. The tools that
  // change the configuration come and go.
  const bool tools = before.mcp.tools.configure.empty() != after.mcp.tools.configure.empty();
  if (models) out.push_back({Change::What::resources});
  if (models || tools) out.push_back({Change::What::tools});
  if (models) out.push_back({Change::What::prompts});
  return out;
}

ChangeWatch::ChangeWatch(net::Sweeper& sweeper, gateway::Gateway& gateway, store::Ledger* ledger,
                         mcp::Hub& hub)
    : gateway_(gateway), ledger_(ledger), hub_(hub), next_(sweeper) {
  look(this);
}

std::string ChangeWatch::health() const {
  std::string out;
  for (const gateway::DeploymentState& d : gateway::deployments(gateway_.snapshot(), gateway::present())) {
    const bool fresh = d.answered == 0 && d.failed == 0 && d.checked_ms == 0;
    out.append(d.name).append(" ").append(fresh ? "new" : "").append(gateway::word_of(d)).append("\n");
  }
  return out;
}

// Both are looked at while nobody watches too, because who begins to watch has read them a moment before.
void ChangeWatch::look(void* context) {
  auto& self = *static_cast<ChangeWatch*>(context);
  if (self.ledger_ != nullptr) {
    const std::uint64_t booked = self.ledger_->stats().written;
    if (booked != self.booked_) self.hub_.publish({Change::What::resource, std::string(kUsageUri)});
    self.booked_ = booked;
  }
  std::string health = self.health();
  if (health != self.health_) self.hub_.publish({Change::What::resource, std::string(kHealthUri)});
  self.health_ = std::move(health);
  self.next_.arm(limits::kMcpChangesMs, look, &self);
}

}  // namespace pb::tools
