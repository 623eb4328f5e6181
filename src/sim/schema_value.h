// A value that fits a JSON Schema: what the simulator calls tools with and answers structured outputs with.
#pragma once
#include "base/json.h"

namespace pb::sim {

// Fills every property. Follows local $refs, enum, const, default, examples, anyOf/oneOf (the first), allOf (merged),
// bounds, lengths and common formats; `pattern` is not generated from. A null or true schema gives {}.
// `variant` changes the free strings and numbers ("Paris" for 0, "Oslo" for 1), so that turns differ.
json::Value value_for_schema(json::Value schema, int variant, json::Arena& arena);

}  // namespace pb::sim
