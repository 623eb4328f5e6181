// What known models take besides text and do besides answering, for lists of models that say so.
#pragma once
#include <string_view>

namespace pb::llm {

struct Abilities {
  bool vision = false;    // looks at images
  bool thinking = false;  // thinks before it answers
};

// By the beginning of the model's own name ("anthropic/claude-opus-5" -> "claude-"), the longest that is known; neither for
// unknown models.
Abilities abilities_of(std::string_view model);

}  // namespace pb::llm
