#include "config/lead.h"

#include <algorithm>

#include "llm/prices.h"

namespace pb::config {
namespace {

std::string filled(std::string_view model, std::string_view rest) {
  std::string out(model);
  if (out.ends_with('*')) out.replace(out.size() - 1, 1, rest);
  return out;
}

Lead to_route(const route::Route& route, std::string_view rest, std::string how) {
  return {Lead::Kind::route, &route, {}, std::string(rest), std::move(how)};
}

Lead to_model(std::size_t provider, std::string model, std::string how) {
  return {Lead::Kind::model, nullptr, {provider, std::move(model)}, {}, std::move(how)};
}

Lead to_named(const Model& m, bool thinking, std::string_view rest, std::string how) {
  if (thinking && m.thinking)
    return to_model(m.thinking->provider, filled(m.thinking->model, rest), how + ", for thinking");
  return to_model(m.provider, filled(m.model, rest), std::move(how));
}

// How much of `name` the pattern fixes, plus one; 0 = it is none, or does not fit.
std::size_t fit(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return 0;
  pattern.remove_suffix(1);
  return name.starts_with(pattern) ? pattern.size() + 1 : 0;
}

Lead find_exact(const Config& config, std::string_view name, bool thinking) {
  for (const route::Route& r : config.routes)
    if (r.name == name) return to_route(r, "*", "a route");
  for (const Model& m : config.models)
    if (m.name == name) return to_named(m, thinking, "*", "a name of `models`");
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const Provider& p = config.providers[i];
    if (std::find(p.models.begin(), p.models.end(), name) != p.models.end())
      return to_model(i, std::string(name), "provider " + p.name + " lists it");
  }
  const std::size_t slash = name.find('/');
  if (slash == name.npos) return {};
  for (std::size_t i = 0; i < config.providers.size(); ++i)
    if (config.providers[i].name == name.substr(0, slash))
      return to_model(i, std::string(name.substr(slash + 1)), "provider/model");
  return {};
}

Lead find_pattern(const Config& config, std::string_view name, bool thinking) {
  Lead out;
  std::size_t longest = 0;
  for (const route::Route& r : config.routes)
    if (const std::size_t n = fit(r.name, name); n > longest) {
      longest = n;
      out = to_route(r, name.substr(n - 1), "the route `" + r.name + "`");
    }
  for (const Model& m : config.models)
    if (const std::size_t n = fit(m.name, name); n > longest) {
      longest = n;
      out = to_named(m, thinking, name.substr(n - 1), "`" + m.name + "` of `models`");
    }
  return out;
}

}  // namespace

Lead find_lead(const Config& config, std::string_view name, bool thinking) {
  if (name.empty()) return {};
  if (Lead exact = find_exact(config, name, thinking); exact.kind != Lead::Kind::none) return exact;
  if (Lead pattern = find_pattern(config, name, thinking); pattern.kind != Lead::Kind::none) return pattern;
  for (std::size_t i = 0; i < config.providers.size(); ++i)
    if (llm::find_model(config.providers[i].vendor->name, name) != nullptr)
      return to_model(i, std::string(name), "provider " + config.providers[i].name + " is known to have it");
  return {};
}

Lead find_lead_or_default(const Config& config, std::string_view name, bool thinking) {
  Lead out = find_lead(config, name, thinking);
  if (out.kind != Lead::Kind::none) return out;
  out = find_lead(config, config.default_model, thinking);
  if (out.kind != Lead::Kind::none) {
    out.how = "`default_model` " + config.default_model + ": " + out.how;
    return out;
  }
  if (config.providers.size() == 1 && !name.empty())
    return to_model(0, std::string(name), "the only provider there is");
  return {};
}

std::string model_of(const route::Deployment& deployment, std::string_view rest) {
  return filled(deployment.model, rest);
}

}  // namespace pb::config
