// The models that can be asked for. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/caller.h"
#include "gateway/model_lists.h"
#include "gateway/snapshot.h"

namespace pb::gateway {

struct ListedModel {
  std::string id;                            // what a client may ask for
  std::string owner;                         // the provider's name
  std::int64_t context = 0, output_max = 0;  // tokens; 0 = unknown
};

// Names of `models:`, of providers' own lists and of those they tell, and "provider/model" for what the catalogue knows of configured providers.
// `caller`: null = all of them, else those that it may ask for.
// `lists`: what providers have told; may be null.
std::vector<ListedModel> list_models(const Snapshot& snapshot, const ModelLists* lists,
                                     const Caller* caller = nullptr);
// A listed model, or any name that routing would take.
std::optional<ListedModel> find_listed(const Snapshot& snapshot, const ModelLists* lists, std::string_view id,
                                       const Caller* caller = nullptr);

}  // namespace pb::gateway
