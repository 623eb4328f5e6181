// How good known models are, as far as public measurements tell. For the smart strategy where nothing was measured here.
#pragma once
#include <string_view>

#include "route/task.h"

namespace pb::route {

// 0 … 1 for a kind of task, by the model's own name ("anthropic/claude-opus-5" -> "claude-opus-5"); -1 = not rated. Ratings order
// models: their distances mean little.
double rating(std::string_view model, Kind kind);

}  // namespace pb::route
