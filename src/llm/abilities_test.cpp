#include "llm/abilities.h"

#include <doctest/doctest.h>

using pb::llm::abilities_of;

TEST_CASE("abilities: by the longest beginning that is known") {
  CHECK(abilities_of("claude-opus-5").vision);
  CHECK(abilities_of("openrouter/anthropic/claude-opus-5").thinking);
  CHECK_FALSE(abilities_of("claude-3-5-haiku-20241022").thinking);
  CHECK_FALSE(abilities_of("o3-mini").vision);
  CHECK(abilities_of("o3-pro").vision);
  CHECK_FALSE(abilities_of("my-own-model").vision);
  CHECK_FALSE(abilities_of("").thinking);
  CHECK_FALSE(pb::llm::known_abilities("my-own-model").has_value());
  CHECK_FALSE(pb::llm::known_abilities("meta-llama/llama-3.3-70b-versatile")->vision);
}
