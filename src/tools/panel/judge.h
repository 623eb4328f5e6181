// A model as the judge of which answers say the same. Pure but for what the tools do with it.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "tools/panel/json_reply.h"
#include "tools/panel/similarity.h"

namespace pb::tools::panel {

// Groups of the numbers 1 … n, each of them once.
Shape groups_shape(std::size_t n);
// The groups of a reply that fits, counted from 0, the largest first.
std::vector<std::vector<std::size_t>> read_groups(json::Value reply);
std::string judge_prompt(std::string_view question, std::span<const Said> answers);
// In the same group 1, else 0.
Matrix matrix_of(const std::vector<std::vector<std::size_t>>& groups, std::size_t n);

}  // namespace pb::tools::panel
