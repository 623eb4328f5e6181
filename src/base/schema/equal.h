// Whether two JSON values are the same for JSON Schema: numbers by what they are worth, objects without the order of their members.
#pragma once
#include <cstdint>

#include "base/json.h"

namespace pb::schema {

// Both take their steps from `left` and give up below 0: the answer is then of no use. Values are as deep as the stack allows; of
// deeper ones than `depth` levels, `left` becomes negative.
bool equal(json::Value a, json::Value b, int depth, std::int64_t& left);
std::uint64_t hash_of(json::Value v, int depth, std::int64_t& left);

}  // namespace pb::schema
