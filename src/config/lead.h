// Where a name leads: what clients ask for, what rules and fallbacks use. Pure.
#pragma once
#include <string>
#include <string_view>

#include "config/config.h"

namespace pb::config {

struct Lead {
  enum class Kind : std::uint8_t { none, route, model };
  Kind kind = Kind::none;
  const route::Route* route = nullptr;  // of the configuration that was asked
  ModelTarget target;                   // kind model; its `*` is filled in
  std::string rest;                     // what the `*` of the route's name stands for
  std::string how;                      // for people: "a route", "`models` has it", "the only provider"
};

// Looked for in this order: a route; a name of `models`; a model that a provider lists; provider/model; a route or a name of
// `models` that ends in `*`, the longest first; a model that the catalogue knows for a provider. `thinking`: the client wants the
// model to think. Takes time in proportion to the number of names.
Lead find_lead(const Config& config, std::string_view name, bool thinking = false);
// The same, and where that finds nothing, `default_model` and the only provider there is: for what clients ask.
Lead find_lead_or_default(const Config& config, std::string_view name, bool thinking = false);

// The model that a route's deployment is asked for; `rest` as in Lead.
std::string model_of(const route::Deployment& deployment, std::string_view rest);

}  // namespace pb::config
