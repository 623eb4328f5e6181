// Text completions may ask several things at once.
#pragma once
#include "sim/script.h"

namespace pb::sim {

// make_plan() for each prompt of the request by itself; the choices of all, in order, are the answer, and its usage is theirs
// together. The request is as it was afterwards. Requests of other formats, and those with one prompt, are planned as they are.
Plan plan_prompts(llm::Request& request, const Behaviour& behaviour, const Reply& reply, const Facts& facts);

}  // namespace pb::sim
