#include "gateway/route.h"

#include <algorithm>
#include <optional>

#include "llm/prices.h"

namespace pb::gateway {
namespace {

// The one format of a model that is asked in no other; null for most models.
const config::ProviderFormat* bound_format(const config::Provider& provider, std::string_view model) {
  for (const config::ProviderFormat& f : provider.formats)
    if (!f.models.empty() && llm::names_model(f.models, model)) return &f;
  return nullptr;
}

// The client's own format where the provider speaks it, else the first of the provider's that any request can be written in.
Route way_to(const Upstream& upstream, std::string model, const llm::Dialect& client) {
  Route r;
  r.upstream = &upstream;
  r.model = std::move(model);
  const config::ProviderFormat* bound = bound_format(*upstream.provider, r.model);
  for (const config::ProviderFormat& f : upstream.provider->formats) {
    if (bound != nullptr ? &f != bound : !f.models.empty()) continue;
    if (f.dialect != &client && (r.dialect != nullptr || f.dialect->encode_request == nullptr)) continue;
    r.dialect = f.dialect;
    r.path = f.path;
    r.stream_path = f.stream_path;
  }
  r.same_format = r.dialect == &client;
  return r;
}

void put_rest(std::string& model, std::string_view rest) {
  if (model.ends_with('*')) model.replace(model.size() - 1, 1, rest);
}

// `rest`: what a pattern's `*` stands for.
Meaning pick(const Named& named, bool thinking, std::string_view rest) {
  if (named.pool != nullptr) return {named.pool, {}, std::string(rest)};
  Meaning m{nullptr, thinking && named.thinking ? *named.thinking : named.use, std::string(rest)};
  put_rest(m.target.model, rest);
  return m;
}

std::optional<Meaning> look_up(const Snapshot& s, std::string_view model, bool thinking) {
  if (model.empty()) return std::nullopt;
  if (auto it = s.names().find(model); it != s.names().end()) return pick(it->second, thinking, "*");
  const auto& ups = s.upstreams();
  if (std::size_t slash = model.find('/'); slash != model.npos) {
    if (const Upstream* u = s.find_upstream(model.substr(0, slash)))
      return Meaning{
          nullptr, {static_cast<std::size_t>(u - ups.data()), std::string(model.substr(slash + 1))}, {}};
  }
  for (const Pattern& p : s.patterns())
    if (model.starts_with(p.prefix)) return pick(p.to, thinking, model.substr(p.prefix.size()));
  for (std::size_t i = 0; i < ups.size(); ++i)
    if (llm::find_model(ups[i].provider->vendor->name, model) != nullptr)
      return Meaning{nullptr, {i, std::string(model)}, {}};
  return std::nullopt;
}

// Whether somebody here has named or listed the model.
bool known(const Snapshot& s, std::string_view model) {
  if (s.names().contains(model)) return true;
  if (const std::size_t slash = model.find('/'); slash != model.npos) {
    const Upstream* u = s.find_upstream(model.substr(0, slash));
    const std::string_view rest = model.substr(slash + 1);
    if (u != nullptr) {
      const auto& list = u->provider->models;
      return std::find(list.begin(), list.end(), rest) != list.end() ||
             llm::find_model(u->provider->vendor->name, rest) != nullptr;
    }
  }
  return std::any_of(s.upstreams().begin(), s.upstreams().end(), [&](const Upstream& u) {
    return llm::find_model(u.provider->vendor->name, model) != nullptr;
  });
}

// Ollama's clients write "name:latest" for a model called "name". Where that very name is listed, or nobody knows the shorter
// one (a local server's own model), it stays.
std::string_view without_default_tag(const Snapshot& s, std::string_view model) {
  constexpr std::string_view kTag = ":latest";
  if (!model.ends_with(kTag) || s.names().contains(model)) return model;
  const std::string_view name = model.substr(0, model.size() - kTag.size());
  return known(s, name) ? name : model;
}

std::unexpected<Error> unknown(const Snapshot& s, std::string_view model) {
  constexpr std::size_t kShown = 8;
  std::string what =
      model.empty() ? "the request names no model" : "model `" + std::string(model) + "` is not known here";
  what += "; write provider/model, where provider is ";
  const auto& ups = s.upstreams();
  for (std::size_t i = 0; i < ups.size() && i < kShown; ++i)
    what += (i == 0 ? "" : i + 1 == ups.size() ? " or " : ", ") + ups[i].provider->name;
  if (ups.size() > kShown) what += ", …";
  auto e = fail(model.empty() ? Code::invalid_request : Code::not_found, what, "model");
  if (!model.empty()) e.error().provider_code = "model_not_found";
  return e;
}

}  // namespace

Result<Meaning> find(const Snapshot& s, std::string_view model, bool thinking) {
  model = without_default_tag(s, model);
  std::optional<Meaning> found = look_up(s, model, thinking);
  if (!found) found = look_up(s, s.config().default_model, thinking);
  if (!found && s.upstreams().size() == 1 && !model.empty())
    found = Meaning{nullptr, {0, std::string(model)}, {}};
  if (!found) return unknown(s, model);
  return std::move(*found);
}

Result<Route> route_to(const Snapshot& s, const Meaning& m, std::size_t slot, const llm::Dialect& client) {
  const route::Deployment* d = m.pool != nullptr ? m.pool->slots[slot].deployment : nullptr;
  const Upstream& upstream = s.upstreams()[d != nullptr ? d->provider : m.target.upstream];
  std::string model = d != nullptr ? d->model : m.target.model;
  if (d != nullptr) put_rest(model, m.rest);
  Route r = way_to(upstream, std::move(model), client);
  if (r.dialect == nullptr)
    return fail(Code::internal, "provider " + upstream.provider->name + " has no usable format");
  r.pool = m.pool;
  if (d != nullptr) r.live = m.pool->slots[slot].live;
  return r;
}

Result<Route> choose(const Snapshot& s, std::string_view model, const llm::Dialect& client, bool thinking) {
  TRY_ASSIGN(const Meaning meaning, find(s, model, thinking));
  return route_to(s, meaning, 0, client);
}

}  // namespace pb::gateway
