// Whether a request wants the model to think (reason) before it answers: said by one member or another, as the format has it.
#pragma once
#include <string_view>

#include "base/json.h"

namespace pb::llm {

// Members that say so, by name:
//   thinking {type} (Anthropic)    reasoning {effort, enabled, max_tokens, summary} (OpenAI Responses, OpenRouter)
//   reasoning_effort (OpenAI Chat) think (Ollama)    thinkingConfig {thinkingBudget, thinkingLevel} (Gemini, inside
//   generationConfig)              enable_thinking (Qwen)
bool says_of_thinking(std::string_view key);
bool wants_thinking(std::string_view key, json::Value value);

}  // namespace pb::llm
