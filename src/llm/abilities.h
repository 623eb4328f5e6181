// What known models take besides text and do besides answering, for lists of models that say so.
#pragma once
#include <optional>
#include <string_view>

namespace pb::llm {

struct Abilities {
  bool vision = false;    // looks at images
  bool thinking = false;  // thinks before it answers
};

// By the beginning of the model's own name ("anthropic/claude-opus-5" -> "claude-"), the longest that is known; nullopt for
// unknown models.
std::optional<Abilities> known_abilities(std::string_view model);
// The same, neither for unknown models.
Abilities abilities_of(std::string_view model);

}  // namespace pb::llm
