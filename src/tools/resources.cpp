// Resources: the configured providers, and models by name.
#include "base/json.h"
#include "base/strings.h"
#include "tools/tools.h"

namespace pb::tools {
namespace {

constexpr std::string_view kProviders = "config://providers";
constexpr std::string_view kModel = "model://{provider}/{+model}";

std::string contents(std::string_view uri, std::string_view json) {
  return "[" + mcp::text_contents(uri, "application/json", json) + "]";
}

Task<mcp::Outcome<std::string>> providers(Deps deps, const mcp::Context& context, std::string_view uri) {
  const VisibleProviders visible(deps, context);
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.key("providers");
  w.begin_array();
  for (const gateway::Upstream& u : deps.gateway.snapshot().upstreams()) {
    if (!visible.has(u.provider->name)) continue;
    w.begin_object();
    w.field("name", u.provider->name);
    w.field("vendor", u.provider->vendor->name);
    w.field("base_url", u.provider->base_url);
    w.field("has_key", !u.provider->api_key.empty());
    w.key("formats");
    w.begin_array();
    for (const config::ProviderFormat& f : u.provider->formats) w.string(f.name);
    w.end_array();
    w.end_object();
  }
  w.end_array();
  w.end_object();
  co_return contents(uri, out);
}

Task<mcp::Outcome<std::string>> model(Deps deps, const mcp::Context& context, std::string_view uri) {
  const std::string name = percent_decode(mcp::template_value(kModel, uri, "provider")) + "/" +
                           percent_decode(mcp::template_value(kModel, uri, "model"));
  const std::string known = model_json(deps, context, name);
  if (known.empty()) co_return mcp::resource_not_found(uri);
  co_return contents(uri, known);
}

}  // namespace

void add_resources(const Deps& deps, mcp::Offer& offer) {
  offer.resources.push_back(
      {std::string(kProviders), "providers", "Providers", "The configured providers, without secrets",
       "application/json",
       [deps](mcp::Context& c, std::string_view uri) { return providers(deps, c, uri); }});
  offer.templates.push_back({std::string(kModel), "model", "Model", "What is known of one model",
                             "application/json",
                             [deps](mcp::Context& c, std::string_view uri) { return model(deps, c, uri); }});
}

}  // namespace pb::tools
