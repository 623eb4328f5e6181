// Choosing where a request goes: the model's name -> provider, model and wire format. Pure.
#pragma once
#include <string>
#include <string_view>

#include "gateway/snapshot.h"

namespace pb::gateway {

struct Route {
  const Upstream* upstream = nullptr;
  std::string model;                      // as the provider knows it
  const llm::Dialect* dialect = nullptr;  // the one spoken to the provider
  std::string_view path;                  // below the base URL
  std::string_view stream_path;           // of streamed requests; may be the same
  bool same_format = false;               // the provider speaks the client's dialect
  const Pool* pool = nullptr;             // the route it is a deployment of; null = asked for by name
  route::Live* live = nullptr;            // what is known of the deployment; null until it is looked up
};

// What a model's name leads to: a route, or one provider's model.
struct Meaning {
  const Pool* pool = nullptr;
  Target target;     // without a pool
  std::string rest;  // what a pattern's `*` stands for
};

// Looked for in this order: a name of `routes:`, `models:` or of a provider's own list; "provider/model"; a name of `routes:` or `models:` that
// ends in `*`; one the catalogue knows for a configured provider; `default_model`; the only provider there is. `thinking`: the
// client wants the model to think. Errors: not_found, with what to write.
Result<Meaning> find(const Snapshot& snapshot, std::string_view model, bool thinking = false);

// The way to one of a route's deployments, or to the model that was found.
Result<Route> route_to(const Snapshot& snapshot, const Meaning& meaning, std::size_t slot,
                       const llm::Dialect& client);
// find() and route_to() its first deployment: for what concerns a model as such (lists, counts).
Result<Route> choose(const Snapshot& snapshot, std::string_view model, const llm::Dialect& client,
                     bool thinking = false);

}  // namespace pb::gateway
