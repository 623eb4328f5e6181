// What the tools that ask one model have in common.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "tools/model_call.h"

namespace pb::tools {

// "provider/model", or the model alone where no provider is named; with neither, the configuration's default model. Error: there
// is none, or no such provider.
Result<std::string> model_named(const Deps& deps, std::string_view model, std::string_view provider);

// These members of an object, as far as it has them, as a JSON object; "" = it has none of them.
std::string members_of(json::Value object, std::initializer_list<std::string_view> names);

struct Telling {
  bool stream = false;      // partial text is told as progress, where the client wants progress
  bool completion = false;  // the whole completion is a part of the result
  // Members of the structured result besides the answer's, `"a":1,"b":2`; null = none.
  std::function<std::string(const ModelAnswer&)> more = {};
};
// Asks, and makes the tool's result of the answer or of the error. Both outlive the task.
Task<mcp::Outcome<mcp::ToolResult>> ask_and_tell(const Deps& deps, mcp::Context& context,
                                                 ModelQuestion question, Telling telling);
// The result for an answer.
mcp::ToolResult answer_result(const ModelAnswer& answer, const Telling& telling);

// The members of an answer in a tool's output schema.
inline constexpr std::string_view kAnswerSchema = R"(
    "model":{"type":"string"},"provider":{"type":"string"},
    "response":{"type":"string","description":"The model's text"},
    "reasoning":{"type":"string"},"finish_reason":{"type":"string"},
    "usage":{"type":"object","properties":{"prompt_tokens":{"type":"integer"},"completion_tokens":{"type":"integer"},
      "total_tokens":{"type":"integer"},"estimated":{"type":"boolean","description":"Counted here: the provider did not tell"}},
      "required":["prompt_tokens","completion_tokens","total_tokens"]},
    "cost":{"type":"number","description":"US dollars; missing where no price is known"},
    "latency_ms":{"type":"number"},"first_token_ms":{"type":"number"},
    "cache":{"type":"string","description":"What answered instead of the provider"})";
// An object with those members, `more` (each with a comma before it) and these required ones.
std::string answer_schema(std::string_view more = {}, std::string_view required = {});

}  // namespace pb::tools
