// Between JSON Schema and the subset of OpenAPI 3.0 schemas that Gemini's `Schema` is: types in capitals, no references, no
// unions of types. Pure: new values on the arena, the given ones stay as they are.
#pragma once
#include "base/json.h"

namespace pb::llm {

// JSON Schema as OpenAPI's subset, for targets that take no JSON Schema. References are resolved (one that leads back to itself,
// and what lies deeper or is more than a bounded number of schemas, is cut with a description that says so); `const`, `oneOf`,
// `allOf`, lists of types and exclusive limits are said another way; what cannot be said moves into the description.
// `ordered`: objects list the order of their properties (`propertyOrdering`).
json::Value openapi_schema(json::Value json_schema, json::Arena& arena, bool ordered);

// The other way: types in small letters, `nullable` as a type, limits as numbers, properties in the order that
// `propertyOrdering` asks for. Also for JSON Schemas whose types are in capitals; the same value when nothing is to be done.
json::Value json_schema_of_openapi(json::Value schema, json::Arena& arena);

}  // namespace pb::llm
