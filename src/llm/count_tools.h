// How OpenAI's models are shown their tools: as TypeScript declarations. What they cost depends on it, so it is written
// here as closely as it is known (docs/tokens.md says how that was checked).
#pragma once
#include <string>
#include <vector>

#include "llm/chat.h"

namespace pb::llm {

// The declarations of all function tools; tools of other kinds are left out. "" when there are none.
std::string tool_declarations(const std::vector<Tool>& tools);

}  // namespace pb::llm
