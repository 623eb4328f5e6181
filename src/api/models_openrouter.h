// The list of models in OpenRouter's shape, which its SDK checks member by member. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "gateway/caller.h"
#include "gateway/snapshot.h"

namespace pb::api {

// `query`: offset, limit (500 unless given) and q, a part of the name. Other filters are not known here and leave all in.
std::string openrouter_list(const gateway::Snapshot& snapshot, std::string_view query,
                            const gateway::Caller* caller = nullptr);
std::string openrouter_count(const gateway::Snapshot& snapshot, const gateway::Caller* caller = nullptr);
// nullopt: not known here.
std::optional<std::string> openrouter_model(const gateway::Snapshot& snapshot, std::string_view id,
                                            const gateway::Caller* caller = nullptr);

}  // namespace pb::api
