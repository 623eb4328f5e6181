// JSON Schema clean-up for targets that accept less than the schemas clients send. Pure: new values on the
// arena, the given ones stay as they are.
#pragma once
#include <optional>

#include "base/json.h"

namespace pb::llm {

// Tool parameters for a target that takes any schema: `$schema` and `$id` of the root removed (some vendors refuse them),
// and an object schema made of what is not one (null becomes {"type":"object","properties":{}}).
json::Value tool_schema(json::Value schema, json::Arena& arena);

// A schema for OpenAI's strict mode: every object closed and all its properties required, with optional ones made
// nullable; oneOf becomes anyOf; a keyword that strict mode does not know moves into the description.
// nullopt when the schema cannot be said strictly (open maps, patternProperties, not, if): send it without `strict`.
std::optional<json::Value> openai_strict_schema(json::Value schema, json::Arena& arena);

// A schema for Anthropic's structured outputs (`output_config.format`, strict tools): objects closed, `required` kept;
// keywords and formats it does not know move into the description.
json::Value anthropic_strict_schema(json::Value schema, json::Arena& arena);

}  // namespace pb::llm
