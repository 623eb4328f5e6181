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
};

// Looked for in this order: a name of `models:` or of a provider's own list; "provider/model"; a name of `models:` that ends
// in `*`; one the catalogue knows for a configured provider; `default_model`; the only provider there is. `thinking`: the
// client wants the model to think. Errors: not_found, with what to write.
Result<Route> choose(const Snapshot& snapshot, std::string_view model, const llm::Dialect& client,
                     bool thinking = false);

}  // namespace pb::gateway
