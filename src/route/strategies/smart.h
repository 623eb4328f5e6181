// What the smart strategy knows of deployments and makes of it, for who chooses models outside of a route too.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "route/select.h"
#include "route/task.h"

namespace pb::route {

struct Weighed {
  double score = 0;       // 0 … 1, among those it was weighed with
  double quality = 0;     // 0 … 1, for the task's kind
  bool rated = false;     // measured or rated; else it is guessed from the price
  double dollars = -1;    // that the request may cost; -1 = the price is not known
  double time_ms = -1;    // to an ordinary answer, as measured; -1 = nothing was
  double success = 0;     // of its requests, 0 … 1
  bool measured = false;  // the success is; else it is what most have
};
// In the order of the slots. Whether they may be used at all is not looked at: order() does.
std::vector<Weighed> weigh(std::span<const Slot> slots, const Facts& facts, const Task& task,
                           std::int64_t now_ms);

}  // namespace pb::route
