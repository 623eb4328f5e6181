// Who sits on a panel: the candidates of a field that were taken, and how many of them have to answer.
#pragma once
#include <string>
#include <vector>

#include "tools/panel/field.h"

namespace pb::tools::panel {

struct Seats {
  std::vector<std::size_t> members;  // of the field
  std::size_t least = 1;             // that have to answer
};
struct SeatRules {
  std::size_t least_default = 3, most_default = 5;
  std::size_t least_ever = 2;  // with fewer the tool makes no sense
};
// By the arguments `min_models` and `max_models`. Error: invalid_request, with the argument's path.
Result<Seats> take_seats(const Field& field, const Job& job, json::Value arguments, const SeatRules& rules);

// `min_models` and `max_models` as members of `properties`.
std::string seat_properties(const SeatRules& rules);

}  // namespace pb::tools::panel
